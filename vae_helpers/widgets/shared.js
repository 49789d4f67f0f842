// Helpers of all widgets, put in front of each module, since a module of anywidget can load no other.

const IMAGE = 28; // pixels along the side of an image

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** Whether the page is a phone's; slides are as wide there as anywhere. */
const onPhone = () => innerWidth < 500 && !window.Reveal;

/** A new element at the end of `parent`. */
function element(tag, parent, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

/** A canvas for one image, with its text alternative. */
function imageCanvas(parent, label) {
  return element("canvas", parent, { class: "image", role: "img", width: IMAGE, height: IMAGE, "aria-label": label });
}

/** Call each function now and whenever the trait that it is named after changes. Returns what ends that. */
function follow(model, draws) {
  const listeners = Object.entries(draws).map(([trait, draw]) => [`change:${trait}`, () => draw()]);
  for (const [event, listener] of listeners) {
    model.on(event, listener);
    listener();
  }
  return () => listeners.forEach(([event, listener]) => model.off(event, listener));
}

/** A function whose calls, however many come from one move, end in one call of `draw` before the next frame. */
function coalesce(draw) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      draw();
    });
  };
}

/** The colours that a canvas takes from the style sheet around it: of paper, ink and decoder, and of each digit. */
function coloursAt(canvas) {
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const [paper, ink, empty, decoder] = ["paper", "ink", "empty", "decoder"].map(colour);
  return { paper, ink, empty, decoder, digits: Array.from({ length: 10 }, (_, digit) => colour(`digit-${digit}`)) };
}

/** The colour that lies between two others, #rrggbb, at a share of the way: [red, green, blue], 0 to 255. */
function between(one, other, share) {
  const [from, to] = [one, other].map((colour) => [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16)));
  return from.map((value, k) => value + share * (to[k] - value));
}

/** Tell the canvases under an element, by an event "theme", when the page turns light or dark. Returns what ends that. */
function followTheme(root) {
  const tell = () => root.querySelectorAll("canvas").forEach((canvas) => canvas.dispatchEvent(new Event("theme")));
  const turned = new MutationObserver(tell);
  turned.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => turned.disconnect();
}

const untold = new Set(); // models of which the kernel has not heard the last change
let telling = 0;

/** Tell the kernel what changed, once the hand rests: for each message JupyterLab shows the kernel at work, which takes
 *  it as long as a frame. The page itself follows at once. */
function tellKernel(model) {
  untold.add(model);
  clearTimeout(telling);
  telling = setTimeout(() => {
    untold.forEach((each) => each.save_changes());
    untold.clear();
  }, 100);
}

/** The bytes of a trait, which come as a DataView or an ArrayBuffer. */
function bytes(value) {
  return value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** A picture in a PNG, as grey values 0 to 255 row by row, and its width. */
async function greys(png) {
  const bitmap = await createImageBitmap(new Blob([bytes(png)], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { width: bitmap.width, values: Uint8Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]) };
}

/** Give screen readers the names and values of all sliders in the panel around `el`, also of those that come later.
 *  ipywidgets leaves them nameless, with bare numbers for values. Returns what ends it. */
function nameSliders(el) {
  let due = false;
  const later = () => {
    due = false;
    const panel = el.closest(".widget-vbox");
    if (panel) nameAll(panel);
  };
  const changes = new MutationObserver((records) => {
    if (due || records.every(({ target }) => el.contains(target))) return;
    due = true;
    setTimeout(later, 100); // not in each frame of a drag
  });
  const arrival = new ResizeObserver(() => {
    const panel = el.closest(".widget-vbox");
    if (!panel) return;
    nameAll(panel);
    changes.observe(panel, { childList: true, subtree: true });
  });
  arrival.observe(el);
  return () => [changes, arrival].forEach((observer) => observer.disconnect());
}

function nameAll(panel) {
  for (const handle of panel.querySelectorAll(".noUi-handle")) {
    const slider = handle.closest(".widget-inline-hbox");
    const [label, readout] = [".widget-label", ".widget-readout"].map((part) => slider.querySelector(part));
    const text = [label.title, label.textContent].find((text) => text && text !== "null"); // a tooltip that is None
    if (!text) continue;
    handle.setAttribute("aria-label", text);
    handle.setAttribute("aria-valuetext", readout.textContent);
    if (readout.contentEditable !== "true") continue;
    readout.setAttribute("role", "textbox");
    readout.setAttribute("aria-label", text);
  }
}
