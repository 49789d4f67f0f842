// The latent map: draws it, follows the pointer, and decodes, all without a kernel.
// `model` is anywidget's, or in a saved page a stand-in with the same get, set, save_changes, on and off.
// stage.js, network.js and latent_map_drawing.js come before it.

async function render({ model, el, host }) {
  const data = await readData(model, host);
  const dom = createDom(model, data, el);
  const { glide, stop } = gliding(dom.root);
  const map = { model, data, dom, glide, colours: coloursAt(dom.root) };
  bindPointer(map);
  bindKeys(map);
  const ends = [followModel(map), fitCanvases(map), followTheme(dom.root), stop];
  return () => ends.forEach((end) => end());
}

/** What does not change: the dots, the square that is shown, and the images. */
async function readData(model, host) {
  const reference = await host.getModel(model.get("decoder"));
  const digits = bytes(model.get("digits"));
  return {
    dots: floats(model.get("dots")), // x0, y0, x1, y1, ...
    digits,
    count: digits.length,
    near: new Uint16Array(bytes(model.get("near")).slice().buffer), // codes near each place of a grid
    nearSteps: Math.sqrt(model.get("near").byteLength / 2),
    centre: model.get("centre"),
    half: model.get("half"),
    radius: model.get("radius"),
    axisNames: model.get("axis_names"),
    original: await openSheet(model.get("images_png")),
    codes: floats(model.get("whole_codes")),
    plane: model.get("plane"),
    decoder: await openNetwork(reference),
  };
}

function send(model, changes) {
  for (const [trait, value] of Object.entries(changes)) model.set(trait, value);
  tellKernel(model);
}

// what is on the page

function createDom(model, data, el) {
  const root = element("div", el, { class: onPhone() ? "latent-map phone" : "latent-map" });
  const plane = element("div", root, { class: "plane" });
  const dots = element("canvas", plane, { "aria-hidden": "true" });
  const marker = element("canvas", plane, {
    class: "marker",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "map",
    "aria-label": `Latent map of ${data.count} images. Arrow keys move the ring, Enter selects the nearest image.`,
    "data-lm-suppress-shortcuts": "true", // JupyterLab leaves the arrow keys to the map
  });
  const side = element("div", root, { class: "side" });
  const decoded = imageCanvas(side, "the image decoded at the ring");
  const note = element("p", side, { role: "status", class: "note" });
  const pair = element("div", side, { class: "pair" });
  const [original, reconstruction] = ["the selected image", "its reconstruction"].map((x) => imageCanvas(pair, x));
  const selection = element("p", side, { role: "status" });
  const error = element("p", root, { role: "alert", class: "error" });
  const bar = element("div", root, { class: "bar" });
  const [legend, boxes] = [createLegend(model, data, bar), createBoxes(model, bar)];
  return { root, plane, dots, marker, decoded, note, pair, original, reconstruction, selection, error, legend, boxes };
}

/** A button for each digit, which hides and shows its dots. */
function createLegend(model, { digits }, bar) {
  return [...new Set(digits)].sort().map((digit) => {
    const attributes = { type: "button", "aria-label": `show digit ${digit}`, style: `--colour: var(--digit-${digit})` };
    const button = element("button", bar, attributes, `${digit}`);
    button.onclick = () => {
      const hidden = model.get("hidden");
      send(model, { hidden: hidden.includes(digit) ? hidden.filter((d) => d !== digit) : [...hidden, digit] });
    };
    return { digit, button };
  });
}

const BOXES = { glyphs: "digits for dots", hover: "follow the pointer", background: "what it decodes to" };

function createBoxes(model, bar) {
  return Object.entries(BOXES).map(([trait, text]) => {
    const label = element("label", bar);
    const box = element("input", label, { type: "checkbox" });
    label.append(text);
    box.onchange = () => send(model, { [trait]: box.checked });
    return { trait, box };
  });
}

/** Give the canvases as many pixels as the screen has for them, whatever the zoom. Returns what ends that. */
function fitCanvases(map) {
  const { plane, dots, marker } = map.dom;
  const draw = () => {
    map.colours = coloursAt(plane);
    drawDots(map);
    drawMarker(map);
  };
  const fit = () => {
    const side = Math.round((plane.getBoundingClientRect().width || SIZE) * devicePixelRatio);
    if (side === dots.width) return;
    for (const canvas of [dots, marker]) canvas.width = canvas.height = side;
    draw();
  };
  const observer = new ResizeObserver(fit);
  observer.observe(plane);
  addEventListener("resize", fit); // a zoom changes the screen's pixels, and not the size in CSS pixels
  dots.addEventListener("theme", draw);
  fit();
  return () => {
    observer.disconnect();
    removeEventListener("resize", fit);
  };
}

// what follows what

/** Draw all, and whatever belongs to a trait when it changes. Returns what ends that. */
function followModel(map) {
  const { model, dom } = map;
  const drawPlace = coalesce(() => map.glide(() => [drawMarker, drawDecoded, writeNote].forEach((draw) => draw(map))));
  const checkBoxes = () => dom.boxes.forEach(({ trait, box }) => (box.checked = model.get(trait)));
  const drawPlane = coalesce(() => drawDots(map));
  return follow(model, {
    x: drawPlace,
    y: drawPlace,
    selected: () => map.glide(() => [drawMarker, drawSelected].forEach((draw) => draw(map))),
    hidden() {
      drawPlane();
      const hidden = model.get("hidden");
      for (const { digit, button } of dom.legend) button.setAttribute("aria-pressed", !hidden.includes(digit));
    },
    glyphs() {
      drawPlane();
      checkBoxes();
    },
    hover: checkBoxes,
    background() {
      drawPlane();
      checkBoxes();
    },
    error: () => (dom.error.textContent = model.get("error")),
  });
}

function bindPointer(map) {
  const { model, data } = map;
  const { marker } = map.dom;
  let pressed = null; // where the pointer went down
  const place = (event) => {
    const box = marker.getBoundingClientRect(); // as on the screen, however the page is zoomed or scaled
    return [(event.clientX - box.left) * (SIZE / box.width), (event.clientY - box.top) * (SIZE / box.height)];
  };
  const moveRing = (event) => {
    const [x, y] = toPlane(data, ...place(event));
    send(model, { x, y });
  };
  marker.onpointerdown = (event) => {
    pressed = place(event);
    marker.setPointerCapture(event.pointerId);
    moveRing(event);
  };
  marker.onpointermove = (event) => {
    if (pressed || model.get("hover")) moveRing(event);
  };
  marker.onpointerup = (event) => {
    const [left, top] = place(event);
    const isClick = pressed && Math.hypot(left - pressed[0], top - pressed[1]) < 4;
    if (isClick) send(model, { selected: nearest(map, left, top, 9) });
    pressed = null;
  };
  marker.onpointercancel = () => (pressed = null);
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function bindKeys(map) {
  const { model, data } = map;
  map.dom.marker.onkeydown = (event) => {
    const [x, y] = [model.get("x"), model.get("y")];
    if (event.key in ARROWS) {
      const step = ((event.shiftKey ? 5 : 1) * data.half) / 50;
      const [right, up] = ARROWS[event.key];
      const [newX, newY] = toPlane(data, ...toMap(data, x + right * step, y + up * step)); // stays on the map
      send(model, { x: newX, y: newY });
    } else if (event.key === "Enter" || event.key === " ") {
      send(model, { selected: nearest(map, ...toMap(data, x, y), Infinity) });
    } else if (event.key === "Escape") {
      send(model, { selected: null });
    } else return;
    event.preventDefault();
  };
}

export default { render };
