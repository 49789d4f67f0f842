// A plot in the page: axes, and what is drawn and grabbed in them. SVG, so that it is sharp on any screen and follows
// the page's theme. shared.js comes before it.

/** A new SVG element at the end of `parent`. */
function shape(tag, parent, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

/** Axes over the ranges x and y, [low, high]; names: of the two. `left` and `top` take data to the plot's own units,
 *  `at` takes an event back to data. `inner` is clipped to the axes. No names, no ticks. phone: width and height there. */
function createPlot(parent, { x, y, names = [], label, title = "", width = 420, height = 300, phone, box = null, xTicks = true, yTicks = true }) {
  if (phone && onPhone()) [width, height] = phone;
  const widest = names[1] && yTicks ? Math.max(...ticks(y).map((tick) => signedTick(tick).length)) : 0;
  box ??= [Math.max(54, 33 + 9 * widest), 24, width - 10, height - 44]; // left, top, right, bottom
  const root = element("div", parent, { class: "plot", style: `width: ${width}px` });
  const canvas = element("canvas", root, { "aria-hidden": "true" });
  const svg = shape("svg", root, { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
  const left = (value) => box[0] + ((value - x[0]) / (x[1] - x[0])) * (box[2] - box[0]);
  const top = (value) => box[3] - ((value - y[0]) / (y[1] - y[0])) * (box[3] - box[1]);
  if (title) shape("text", svg, { class: "title", x: (box[0] + box[2]) / 2, y: 15 }, title);
  const clip = `clip-${Math.random().toString(36).slice(2)}`;
  const size = { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] };
  shape("rect", shape("clipPath", svg, { id: clip }), size);
  const inner = shape("g", svg, { "clip-path": `url(#${clip})` });
  const fit = () => svg.style.setProperty("--unit", width / (svg.clientWidth || width)); // of the plot, for a pixel
  new ResizeObserver(fit).observe(svg);
  const plot = { svg, root, canvas, inner, left, top, x, y, box, width, height, handles: [] };
  plot.at = (event) => {
    const seen = svg.getBoundingClientRect(); // as on the screen, however the page is zoomed or scaled
    const [across, down] = [event.clientX - seen.left, event.clientY - seen.top];
    const [right, below] = [(across / seen.width) * width, (down / seen.height) * height];
    const shares = [(right - box[0]) / size.width, (box[3] - below) / size.height];
    return [x, y].map(([low, high], i) => low + clamp(shares[i], 0, 1) * (high - low));
  };
  if (names.length) drawAxes(plot, names, xTicks ? ticks(x) : [], yTicks ? ticks(y) : []);
  return plot;
}

function drawAxes({ svg, left, top, box }, names, ticksX, ticksY) {
  shape("path", svg, { class: "axis", d: `M${box[0]},${box[1]}V${box[3]}H${box[2]}` });
  for (const tick of ticksX) shape("text", svg, { class: "tick-x", x: left(tick), y: box[3] + 18 }, signedTick(tick));
  for (const tick of ticksY) shape("text", svg, { class: "tick-y", x: box[0] - 7, y: top(tick) + 5 }, signedTick(tick));
  shape("text", svg, { class: "name", x: (box[0] + box[2]) / 2, y: box[3] + 38 }, names[0]);
  const turned = `translate(13 ${(box[1] + box[3]) / 2}) rotate(-90)`;
  shape("text", svg, { class: "name", transform: turned }, names[1]);
}

/** Four to seven round numbers in a range. */
function ticks([low, high]) {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((candidate) => candidate >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) => (first + k) * step);
}

const signedTick = (tick) => `${Number(tick.toPrecision(6))}`.replace("-", "−");

/** The `d` of a path through points [[x, y], ...] of a plot. */
const through = ({ left, top }, points) =>
  points.map(([x, y], i) => `${i ? "L" : "M"}${left(x).toFixed(1)},${top(y).toFixed(1)}`).join("");

/** A line in a plot, through points that `set` gives it. */
function curve(plot, look, points = []) {
  const path = shape("path", plot.inner, { class: `curve ${look}`, d: through(plot, points) });
  return { path, set: (points) => path.setAttribute("d", through(plot, points)) };
}

/** A word in a plot, at a place of its data; where: start, middle or end. */
function word(plot, text, x, y, look = "", where = "start", up = 0) {
  const attributes = { class: `word ${look}`, x: plot.left(x), y: plot.top(y) - up, "text-anchor": where };
  return shape("text", plot.svg, attributes, text);
}

const ARROW_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Something to grab in a plot: by pointer, by touch, and by the arrow keys (with Shift, five steps at once).
 *
 *  draw: adds its look to a group whose origin is its place. move(x, y): what happens; steps: how far an arrow goes,
 *  [x, y], 0 where it does not. `set(x, y, words)` puts it to a place. A press beside it brings the nearest there. */
function handle(plot, { label, draw, move, steps }) {
  const group = shape("g", plot.svg, {
    class: "handle",
    tabindex: 0,
    role: "slider",
    "aria-label": label,
    "data-lm-suppress-shortcuts": "true", // JupyterLab leaves the arrow keys to it
  });
  shape("circle", group, { class: "target", r: 16 });
  draw(group);
  group.addEventListener("keydown", (event) => {
    const [across, up] = ARROW_KEYS[event.key] ?? [0, 0];
    if (!(across * steps[0] || up * steps[1])) return;
    const times = event.shiftKey ? 5 : 1;
    move(made.place[0] + times * across * steps[0], made.place[1] + times * up * steps[1]);
    event.preventDefault();
  });
  const made = {
    group,
    move,
    place: [0, 0],
    words: null,
    far: (x, y) => Math.hypot(plot.left(x) - plot.left(made.place[0]), steps[0] && plot.top(y) - plot.top(made.place[1])),
    set(x, y, words) {
      if (words === made.words && x === made.place[0] && y === made.place[1]) return;
      [made.place, made.words] = [[x, y], words];
      group.setAttribute("transform", `translate(${plot.left(x).toFixed(2)} ${plot.top(y).toFixed(2)})`);
      group.setAttribute("aria-valuenow", x.toFixed(2));
      group.setAttribute("aria-valuetext", words);
    },
  };
  if (plot.handles.push(made) === 1) followPointer(plot);
  return made;
}

function followPointer(plot) {
  const { svg, handles, at } = plot;
  let held = null;
  const under = ({ target }) => handles.find(({ group }) => group.contains(target));
  const nearest = (event) => handles.reduce((one, other) => (other.far(...at(event)) < one.far(...at(event)) ? other : one));
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    held = under(event) ?? (event.pointerType === "touch" ? null : nearest(event)); // beside it, a finger scrolls
    if (!held) return;
    held.group.setPointerCapture(event.pointerId);
    held.move(...at(event));
    held.group.focus({ preventScroll: true });
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => held?.move(...at(event)));
  svg.addEventListener("click", (event) => {
    if (event.pointerType === "touch" && !under(event)) nearest(event).move(...at(event)); // and taps
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) svg.addEventListener(end, () => (held = null));
}

/** The look of a handle that is a ring. */
const ring = (group) => {
  shape("circle", group, { class: "halo", r: 10 });
  shape("circle", group, { class: "ring", r: 10 });
};

/** Let `draw(context, colours)` draw under a plot, inside its axes and in its own units: now, and again at each new size
 *  and when the page turns light or dark. Returns what draws again. */
function underlay({ canvas, width, height, box }, draw) {
  const context = canvas.getContext("2d");
  const corner = [box[0], box[1], box[2] - box[0], box[3] - box[1]];
  let colours;
  const again = () => {
    context.clearRect(...corner);
    draw(context, colours);
  };
  const fit = () => {
    const scale = ((canvas.getBoundingClientRect().width || width) / width) * devicePixelRatio;
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.beginPath();
    context.rect(...corner);
    context.clip();
    colours = coloursAt(canvas);
    again();
  };
  new ResizeObserver(fit).observe(canvas);
  canvas.addEventListener("theme", fit);
  fit();
  return again;
}

/** Codes as digits under a plot: points x0, y0, x1, y1, ... and the digit of each. */
function drawDots(plot, { points, digits }) {
  const middle = (digit) => [0, 1].map((k) => {
    const values = Array.from(digits.keys()).filter((i) => digits[i] === digit).map((i) => points[2 * i + k]);
    return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  });
  const middles = [...new Set(digits)].map((digit) => [digit, ...middle(digit)]);
  underlay(plot, (context, colours) => {
    [context.textAlign, context.textBaseline, context.font] = ["center", "middle", "bold 9px system-ui, sans-serif"];
    digits.forEach((digit, i) => {
      context.fillStyle = colours.digits[digit];
      context.fillText(digit, plot.left(points[2 * i]), plot.top(points[2 * i + 1]));
    });
    context.font = "bold 22px system-ui, sans-serif";
    [context.strokeStyle, context.lineWidth, context.lineJoin] = [colours.paper, 5, "round"];
    for (const [digit, x, y] of middles) {
      context.strokeText(digit, plot.left(x), plot.top(y));
      context.fillStyle = colours.digits[digit];
      context.fillText(digit, plot.left(x), plot.top(y));
    }
  });
}

/** A film of 11 frames, one value to each from low to high, with a mark under it to drag along. */
function openFilm(parent, { label, low, high, move, width = 670, phone = 340, frames = 11, title = "drag the mark under the film" }) {
  if (onPhone()) width = phone;
  const root = element("div", parent, { class: "film-strip", style: `width: ${width}px` });
  if (title) element("div", root, { class: "title" }, title);
  const canvas = imageCanvas(root, `the film: ${label}`);
  [canvas.width, canvas.height] = [IMAGE * frames, IMAGE];
  const half = (high - low) / (frames - 1) / 2; // so that each value stands under the middle of its frame
  const plot = createPlot(root, { x: [low - half, high + half], y: [0, 1], label, width, height: 46, box: [0, 6, width, 20] });
  for (let i = 0; i < frames; i++) {
    if (onPhone() && i % 2) continue;
    const value = low + 2 * half * i;
    shape("text", plot.svg, { class: "tick-x", x: plot.left(value), y: 38 }, signed(value, 1));
  }
  const mark = handle(plot, {
    label,
    draw(group) {
      shape("path", group, { class: "curve prior", d: `M${-width / frames / 2.2},-9H${width / frames / 2.2}` });
      shape("circle", group, { class: "point", r: 8 });
    },
    steps: [(high - low) / 60, 0],
    move: (value) => move(clamp(value, low, high)),
  });
  return { canvas, set: (value, words) => mark.set(value, 0.5, words) };
}
