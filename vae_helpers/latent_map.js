// The page part of LatentMap: draws the map, follows the pointer, and decodes from the atlas, all without a kernel.
// `model` is anywidget's, or in an exported page a stand-in with the same get, set, save_changes, on and off.
// Stands after page.js.

const SIZE = 470; // of the canvas, in CSS pixels
const MARGIN = { left: 52, right: 8, top: 8, bottom: 44 };

const STYLE = `
.latent-map { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 8px; width: fit-content; color-scheme: light; background: white;
  color: ${INK}; font: 14px/1.35 system-ui, sans-serif; }
.latent-map .plane { position: relative; width: ${SIZE}px; height: ${SIZE}px; }
.latent-map .plane canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.latent-map .marker { cursor: crosshair; touch-action: none; }
.latent-map :focus-visible { outline: 3px solid #0072b2; outline-offset: 1px; }
.latent-map .side { width: 226px; }
.latent-map .image { width: 196px; height: 196px; image-rendering: pixelated; background: black; display: block; }
.latent-map .pair { display: flex; gap: 10px; margin-top: 10px; }
.latent-map .pair .image { width: 93px; height: 93px; }
.latent-map p { margin: 4px 0 0; min-height: 4.1em; font-size: 14px; color: ${INK}; }
.latent-map p.error { flex-basis: 100%; margin: 0; min-height: 0; color: #a00; font-weight: bold; }
.latent-map .empty { color: #a34700; font-weight: bold; }
.latent-map .bar { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 4px 6px; align-items: center; }
.latent-map .bar label { margin-left: 10px; display: flex; align-items: center; gap: 4px; color: ${INK}; }
.latent-map button { font: bold 19px/1 system-ui, sans-serif; min-width: 32px; height: 30px; background: white;
  color: var(--colour); border: 2px solid; border-radius: 5px; cursor: pointer; }
.latent-map button[aria-pressed="false"] { color: #6b6b6b; text-decoration: line-through; border-style: dashed; }
`;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

async function render({ model, el }) {
  const codes = new Float32Array(bytes(model.get("_codes")).slice().buffer); // x0, y0, x1, y1, ...
  const labels = bytes(model.get("_labels"));
  const near = new Uint16Array(bytes(model.get("_near")).slice().buffer); // codes near each place of a grid
  const [nearSteps, atlasSteps] = [Math.sqrt(near.length), model.get("_steps")];
  const [centreX, centreY] = model.get("_centre");
  const [half, radius, colours] = [model.get("_half"), model.get("_radius"), model.get("_colours")];
  const count = labels.length;

  // what stands on the page
  const root = element("div", el, { class: "latent-map" });
  element("style", root, {}, STYLE);
  const plane = element("div", root, { class: "plane" });
  const dots = element("canvas", plane, { "aria-hidden": "true" });
  const marker = element("canvas", plane, {
    class: "marker",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "map",
    "aria-label": `Latent map of ${count} images. Arrow keys move the ring, Enter selects the nearest image.`,
    "data-lm-suppress-shortcuts": "true", // JupyterLab leaves the arrow keys to the map
  });
  const side = element("div", root, { class: "side" });
  const picture = (parent, label) =>
    element("canvas", parent, { class: "image", role: "img", width: IMAGE, height: IMAGE, "aria-label": label });
  const decoded = picture(side, "the image decoded at the ring");
  const note = element("p", side, { role: "status", class: "note" });
  const pair = element("div", side, { class: "pair" });
  const [original, reconstruction] = [picture(pair, "the selected image"), picture(pair, "its reconstruction")];
  const chosen = element("p", side, { role: "status" });
  const error = element("p", root, { role: "alert", class: "error" });
  const bar = element("div", root, { class: "bar" });
  const present = [...new Set(labels)].sort((a, b) => a - b);
  const buttons = present.map((digit) => {
    const button = element(
      "button",
      bar,
      { type: "button", "aria-label": `show digit ${digit}`, style: `--colour: ${colours[digit]}` },
      `${digit}`,
    );
    button.onclick = () => {
      const hidden = model.get("hidden");
      send({ hidden: hidden.includes(digit) ? hidden.filter((d) => d !== digit) : [...hidden, digit] });
    };
    return button;
  });
  const boxes = Object.entries({ glyphs: "digits for dots", hover: "follow the pointer" }).map(([trait, text]) => {
    const label = element("label", bar);
    const box = element("input", label, { type: "checkbox" });
    label.append(text);
    box.onchange = () => send({ [trait]: box.checked });
    return [trait, box];
  });

  // from the plane to the canvas and back
  const [width, height] = [SIZE - MARGIN.left - MARGIN.right, SIZE - MARGIN.top - MARGIN.bottom];
  const toPixel = (x, y) => [
    MARGIN.left + ((x - centreX) / half + 1) * 0.5 * width,
    MARGIN.top + (1 - (y - centreY) / half) * 0.5 * height,
  ];
  const toPlane = (event) => [
    centreX + half * clamp((2 * (event.offsetX - MARGIN.left)) / width - 1, -1, 1),
    centreY + half * clamp(1 - (2 * (event.offsetY - MARGIN.top)) / height, -1, 1),
  ];
  const [across, up] = [(x) => (x - centreX + half) / (2 * half), (y) => (y - centreY + half) / (2 * half)]; // 0 to 1
  const pens = [dots, marker].map((canvas) => {
    canvas.width = canvas.height = Math.round(SIZE * devicePixelRatio);
    const pen = canvas.getContext("2d");
    pen.scale(canvas.width / SIZE, canvas.height / SIZE);
    return pen;
  });

  function send(changes) {
    for (const [trait, value] of Object.entries(changes)) model.set(trait, value);
    model.save_changes();
  }

  function drawDots() {
    const [pen, hidden] = [pens[0], new Set(model.get("hidden"))];
    pen.fillStyle = "white";
    pen.fillRect(0, 0, SIZE, SIZE);
    pen.save();
    pen.beginPath();
    pen.rect(MARGIN.left, MARGIN.top, width, height);
    pen.clip();
    pen.fillStyle = "#e4e4e4"; // where no image lies within the ring
    const cell = (2 * half) / (nearSteps - 1);
    for (let k = 0; k < near.length; k++) {
      if (near[k]) continue;
      const [x, y] = [centreX - half + cell * (k % nearSteps), centreY + half - cell * Math.floor(k / nearSteps)];
      const [[left, top], [right, bottom]] = [toPixel(x - cell / 2, y + cell / 2), toPixel(x + cell / 2, y - cell / 2)];
      pen.fillRect(left, top, right - left + 0.5, bottom - top + 0.5);
    }
    pen.font = "bold 11px system-ui, sans-serif";
    [pen.textAlign, pen.textBaseline] = ["center", "middle"];
    for (let i = 0; i < count; i++) {
      if (hidden.has(labels[i])) continue;
      pen.fillStyle = colours[labels[i]];
      const [left, top] = toPixel(codes[2 * i], codes[2 * i + 1]);
      if (model.get("glyphs")) pen.fillText(labels[i], left, top);
      else pen.fillRect(left - 2, top - 2, 4, 4);
    }
    pen.restore();
    drawAxes(pen);
    present.forEach((digit, k) => buttons[k].setAttribute("aria-pressed", !hidden.has(digit)));
  }

  function drawAxes(pen) {
    pen.strokeStyle = pen.fillStyle = INK;
    pen.strokeRect(MARGIN.left, MARGIN.top, width, height);
    pen.font = "13px system-ui, sans-serif";
    const step = [0.5, 1, 2, 5, 10, 20, 50, 100].find((s) => half / s <= 4) ?? half;
    const ticks = (centre) => {
      const first = Math.ceil((centre - half) / step);
      return Array.from({ length: Math.floor((centre + half) / step) - first + 1 }, (_, k) => (first + k) * step);
    };
    const text = (tick) => `${tick}`.replace("-", "−");
    [pen.textAlign, pen.textBaseline] = ["center", "top"];
    for (const tick of ticks(centreX)) pen.fillText(text(tick), toPixel(tick, centreY)[0], SIZE - MARGIN.bottom + 5);
    [pen.textAlign, pen.textBaseline] = ["right", "middle"];
    for (const tick of ticks(centreY)) pen.fillText(text(tick), MARGIN.left - 5, toPixel(centreX, tick)[1]);
    const [below, beside] = model.get("_axes");
    pen.font = "14px system-ui, sans-serif";
    [pen.textAlign, pen.textBaseline] = ["center", "alphabetic"];
    pen.fillText(below, MARGIN.left + width / 2, SIZE - 8);
    pen.save();
    pen.translate(14, MARGIN.top + height / 2);
    pen.rotate(-Math.PI / 2);
    pen.fillText(beside, 0, 0);
    pen.restore();
  }

  function drawMarker() {
    const [pen, x, y, selected] = [pens[1], model.get("x"), model.get("y"), model.get("selected")];
    pen.clearRect(0, 0, SIZE, SIZE);
    const outline = (draw) => {
      for (const [colour, thickness] of [
        ["white", 6],
        ["black", 2.5],
      ]) {
        [pen.strokeStyle, pen.lineWidth] = [colour, thickness];
        pen.beginPath();
        draw();
        pen.stroke();
      }
    };
    const [left, top] = toPixel(x, y);
    outline(() => pen.arc(left, top, (radius / (2 * half)) * width, 0, 2 * Math.PI));
    if (selected !== null) {
      const [left, top] = toPixel(codes[2 * selected], codes[2 * selected + 1]);
      outline(() => pen.rect(left - 6, top - 6, 12, 12));
    }
  }

  /** The image at the ring: the four nearest images of the atlas, blended. */
  function drawDecoded() {
    const [x, y] = [model.get("x"), model.get("y")];
    const place = (share, steps) => {
      const before = clamp(Math.floor(share * (steps - 1)), 0, steps - 2);
      return [before, clamp(share * (steps - 1) - before, 0, 1)];
    };
    const [column, right] = place(across(x), atlasSteps);
    const [row, down] = place(1 - up(y), atlasSteps);
    const { width: stride, values } = atlas;
    paint(decoded, (r, c) => {
      const i = (row * IMAGE + r) * stride + column * IMAGE + c;
      const [above, below] = [i, i + IMAGE * stride].map((k) => values[k] + right * (values[k + IMAGE] - values[k]));
      return above + down * (below - above);
    });
    const line = Math.round((1 - clamp(up(y), 0, 1)) * (nearSteps - 1));
    const here = near[line * nearSteps + Math.round(clamp(across(x), 0, 1) * (nearSteps - 1))];
    const at = `decoded at (${x.toFixed(2)}, ${y.toFixed(2)})`.replaceAll("-", "−");
    note.textContent = here
      ? `${at}: ${here} of ${count.toLocaleString("en")} images in the ring`
      : `${at}: no image in the ring, so the decoder is guessing`;
    note.classList.toggle("empty", !here);
  }

  function drawSelected() {
    const selected = model.get("selected");
    pair.style.visibility = selected === null ? "hidden" : "visible";
    chosen.textContent =
      selected === null
        ? "Click a dot to see its image."
        : `image ${selected}, a ${labels[selected]}, and its reconstruction`;
    if (selected === null) return;
    paint(original, tile(originals, selected));
    paint(reconstruction, tile(reconstructions, selected));
  }

  /** The visible dot that is nearest to a place of the canvas and within `most` pixels of it, or null. */
  function nearest(left, top, most) {
    const hidden = new Set(model.get("hidden"));
    let [found, least] = [null, most];
    for (let i = 0; i < count; i++) {
      const [dotLeft, dotTop] = toPixel(codes[2 * i], codes[2 * i + 1]);
      const distance = Math.hypot(dotLeft - left, dotTop - top);
      if (distance < least && !hidden.has(labels[i])) [found, least] = [i, distance];
    }
    return found;
  }

  // what the reader does
  let pressed = null; // where the pointer went down
  const moveTo = ([x, y]) => send({ x, y });
  marker.onpointerdown = (event) => {
    pressed = [event.offsetX, event.offsetY];
    marker.setPointerCapture(event.pointerId);
    moveTo(toPlane(event));
  };
  marker.onpointermove = (event) => {
    if (pressed || model.get("hover")) moveTo(toPlane(event));
  };
  marker.onpointerup = (event) => {
    const still = pressed && Math.hypot(event.offsetX - pressed[0], event.offsetY - pressed[1]) < 4;
    if (still) send({ selected: nearest(event.offsetX, event.offsetY, 9) });
    pressed = null;
  };
  marker.onpointercancel = () => (pressed = null);
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  marker.onkeydown = (event) => {
    const [x, y] = [model.get("x"), model.get("y")];
    if (event.key in arrows) {
      const step = ((event.shiftKey ? 5 : 1) * half) / 50;
      const [right, up] = arrows[event.key];
      moveTo([
        clamp(x + right * step, centreX - half, centreX + half),
        clamp(y + up * step, centreY - half, centreY + half),
      ]);
    } else if (event.key === "Enter" || event.key === " ") {
      send({ selected: nearest(...toPixel(x, y), Infinity) });
    } else if (event.key === "Escape") {
      send({ selected: null });
    } else return;
    event.preventDefault();
  };

  // what follows what
  const [atlas, originals, reconstructions] = await Promise.all(
    ["_atlas", "_images", "_reconstructions"].map((name) => greys(model.get(name))),
  );
  const drawPlace = () => (drawMarker(), drawDecoded());
  const drawChoice = () => (drawMarker(), drawSelected());
  const setBoxes = () => boxes.forEach(([trait, box]) => (box.checked = model.get(trait)));
  const showError = () => (error.textContent = model.get("error"));
  const follow = [
    ["x", drawPlace],
    ["y", drawPlace],
    ["selected", drawChoice],
    ["hidden", drawDots],
    ["glyphs", drawDots],
    ["glyphs", setBoxes],
    ["hover", setBoxes],
    ["error", showError],
  ];
  for (const [trait, draw] of follow) model.on(`change:${trait}`, draw);
  for (const draw of [drawDots, drawPlace, drawChoice, setBoxes, showError]) draw();
  return () => follow.forEach(([trait, draw]) => model.off(`change:${trait}`, draw));
}

export default { render };
