// What the panels have in common in the page: their controls, their data, their pictures. shared.js comes before it.

/** Open the stage of a panel: `root`, its element; `note`, its line of text; `data`; `controls`, ipywidgets by name;
 *  `decoder`, if the panel has one, and `decoders`, by name, if it has several. `follow(draw)` draws now and after each
 *  move; it returns what ends all of it. `glide(draw)` is for what draws otherwise. */
async function openStage({ model, el, host }) {
  const names = Object.entries(model.get("controls"));
  const widgets = await Promise.all(names.map(([, reference]) => host.getModel(reference)));
  const [decoder, encoder] = [model.get("decoder"), model.get("encoder")];
  const decoders = Object.entries(model.get("decoders")).map(async ([name, reference]) => {
    return [name, await openNetwork(await host.getModel(reference))];
  });
  const controls = Object.fromEntries(names.map(([name], i) => [name, widgets[i]]));
  const root = element("div", el, { class: onPhone() ? "stage phone" : "stage" });
  const stops = [nameSliders(el), followTheme(root)];
  const { glide, stop } = gliding(root);
  return {
    data: model.get("data"),
    controls,
    decoder: decoder && (await openNetwork(await host.getModel(decoder))),
    decoders: Object.fromEntries(await Promise.all(decoders)),
    encode: encoder && (await openNetwork(await host.getModel(encoder))).run, // pixels => mu, then logvar
    root,
    glide,
    note: element("p", root, { class: "said" }),
    follow(draw) {
      const later = coalesce(() => glide(draw));
      widgets.forEach((widget) => EVENTS.forEach((event) => widget.on(event, later)));
      draw();
      return () => {
        widgets.forEach((widget) => EVENTS.forEach((event) => widget.off(event, later)));
        [...stops, stop].forEach((end) => end());
      };
    },
  };
}

const GLIDE = 200; // milliseconds

/** `glide(draw)` draws so that what jumps glides to its new place, and pictures fade into each other. What follows a
 *  pointer or plays is drawn at once, and so is all where the reader wants less motion. `stop` ends it. */
function gliding(root) {
  const ended = new AbortController();
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let [drags, last] = [false, -Infinity];
  const watch = ({ type, buttons }) => (drags = type === "pointermove" && buttons > 0);
  for (const type of ["pointerdown", "pointermove", "pointerup"])
    document.addEventListener(type, watch, { capture: true, signal: ended.signal });
  const glide = (draw) => {
    const [now, before] = [performance.now(), last];
    const jumps = !drags && !still.matches && now - before > GLIDE;
    last = now;
    root.querySelectorAll(".ghost").forEach((ghost) => ghost.remove());
    root.classList.toggle("glides", jumps);
    if (jumps) fadeOut([...root.querySelectorAll("canvas")]);
    draw();
  };
  return { glide, stop: () => ended.abort() };
}

/** Leave a copy of each canvas on it, which fades. */
function fadeOut(canvases) {
  const looks = canvases.map((canvas) => {
    const { width, height, visibility, position } = getComputedStyle(canvas); // of all, before the page changes
    return { width, height, visibility, position };
  });
  canvases.forEach((canvas, i) => fade(canvas, looks[i]));
}

function fade(canvas, { width, height, visibility, position }) {
  if (!canvas.width || !parseFloat(width) || visibility === "hidden") return;
  const ghost = canvas.cloneNode();
  for (const name of ["role", "aria-label", "tabindex"]) ghost.removeAttribute(name);
  ghost.setAttribute("aria-hidden", "true");
  ghost.classList.add("ghost");
  Object.assign(ghost.style, { position: "absolute", width, height, maxWidth: "none", pointerEvents: "none" });
  ghost.getContext("2d").drawImage(canvas, 0, 0);
  canvas[position === "absolute" ? "after" : "before"](ghost); // over it
  ghost.animate({ opacity: [1, 0] }, GLIDE).onfinish = () => ghost.remove();
}

const EVENTS = ["change:value", "change:index"];

/** Where a control stands: the place in its list of one that chooses, the value of any other. */
const read = (control) => control.get("index") ?? control.get("value");

/** Set a control, as near as it can be; `exactly`: also between two steps of its slider. */
function write(control, value, exactly = false) {
  if (value === read(control)) return;
  const choices = control.get("_options_labels");
  if (choices) control.set("index", clamp(Math.round(value), 0, choices.length - 1));
  else if (exactly) control.set("value", clamp(value, control.get("min"), control.get("max")));
  else control.set("value", onStep(value, ...["min", "max", "step"].map((name) => control.get(name))));
  tellKernel(control);
}

/** The nearest value that a slider can take, to its last bit, in percent of the way as noUiSlider works it out: any other
 *  would be corrected by the slider, which then sends it to the kernel, at each move. */
function onStep(value, low, high, step) {
  const [share, one] = [value - low, step].map((length) => (length * 100) / (high - low));
  const place = value < high ? (clamp(Math.round(share / one) * one, 0, 100) * (high - low)) / 100 + low : high;
  return [low, high, step].every(Number.isInteger) ? Math.round(place) : place;
}

/** A function that takes a list of things to do, in place of those that were left, and does them between two frames. */
function workQueue() {
  let left = [];
  let asked = 0;
  const ask = () => requestAnimationFrame(() => setTimeout(work)); // when this frame is out, not in its way
  const work = () => {
    asked = 0;
    for (const start = performance.now(); left.length && performance.now() - start < 3;) left.shift()();
    if (left.length) asked = ask();
  };
  return (tasks) => {
    left = tasks;
    asked ||= ask();
  };
}

const signed = (value, digits) => value.toFixed(digits).replace("-", "−");
const floats = (value) => new Float32Array(bytes(value).slice().buffer);

/** A canvas with a title over it, for `columns` images in each of `rows`. */
function picture(parent, title, { rows = 1, columns = 1, side = 28 * 6, label = title } = {}) {
  const figure = element("figure", parent);
  if (title) element("figcaption", figure, {}, title);
  const canvas = imageCanvas(figure, label);
  [canvas.width, canvas.height] = [IMAGE * columns, IMAGE * rows];
  canvas.style.width = `${side * columns}px`;
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  return canvas;
}

/** Put an image on a canvas: 784 pixels from 0 to 1, or none, which is black; in the given place of several. */
function put(canvas, pixels, place = 0) {
  const image = new ImageData(IMAGE, IMAGE);
  for (let i = 0; i < IMAGE * IMAGE; i++) {
    const grey = pixels ? 255 * pixels[i] : 0;
    image.data[4 * i] = image.data[4 * i + 1] = image.data[4 * i + 2] = grey;
    image.data[4 * i + 3] = 255;
  }
  const columns = canvas.width / IMAGE;
  canvas.getContext("2d").putImageData(image, IMAGE * (place % columns), IMAGE * Math.floor(place / columns));
}

/** The images of a sheet, as `put` takes them. */
async function openSheet(png) {
  const { width, values } = await greys(png);
  const columns = width / IMAGE;
  const images = [];
  const cut = (place) => {
    const corner = Math.floor(place / columns) * IMAGE * width + (place % columns) * IMAGE;
    return Float32Array.from({ length: IMAGE * IMAGE }, (_, i) => {
      return values[corner + Math.floor(i / IMAGE) * width + (i % IMAGE)] / 255;
    });
  };
  return (place) => (images[place] ??= cut(place));
}
