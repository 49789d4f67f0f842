// How the latent map is drawn. `map` holds anywidget's model, the data that does not change, and the elements of the page.

const SIZE = 470; // the side of the map in its own units, which are CSS pixels unless the page scales it
const MARGIN = { left: 52, right: 8, top: 8, bottom: 44 };
const [WIDTH, HEIGHT] = [SIZE - MARGIN.left - MARGIN.right, SIZE - MARGIN.top - MARGIN.bottom];

// from the plane to the map's own units and back

const toMap = ({ centre, half }, x, y) => [
  MARGIN.left + ((x - centre[0]) / half + 1) * 0.5 * WIDTH,
  MARGIN.top + (1 - (y - centre[1]) / half) * 0.5 * HEIGHT,
];

const toPlane = ({ centre, half }, left, top) => [
  centre[0] + half * clamp((2 * (left - MARGIN.left)) / WIDTH - 1, -1, 1),
  centre[1] + half * clamp(1 - (2 * (top - MARGIN.top)) / HEIGHT, -1, 1),
];

/** How far a place is from the left and the top of the square, as shares of its side, 0 to 1. */
const shares = ({ centre, half }, x, y) => [
  clamp((x - centre[0]) / (2 * half) + 0.5, 0, 1),
  clamp((centre[1] - y) / (2 * half) + 0.5, 0, 1),
];

/** The index of the visible dot that is nearest to a place of the map, and within `most` units of it, or null. */
function nearest({ model, data }, left, top, most) {
  const hidden = new Set(model.get("hidden"));
  let [found, least] = [null, most];
  for (let i = 0; i < data.count; i++) {
    const [dotLeft, dotTop] = toMap(data, data.dots[2 * i], data.dots[2 * i + 1]);
    const distance = Math.hypot(dotLeft - left, dotTop - top);
    if (distance < least && !hidden.has(data.digits[i])) [found, least] = [i, distance];
  }
  return found;
}

// drawing

/** The context of a canvas, in the map's own units. */
function pen(canvas) {
  const context = canvas.getContext("2d");
  context.setTransform(canvas.width / SIZE, 0, 0, canvas.height / SIZE, 0, 0);
  context.clearRect(0, 0, SIZE, SIZE);
  return context;
}

function drawDots({ model, data, dom, colours }) {
  const [context, hidden, glyphs] = [pen(dom.dots), new Set(model.get("hidden")), model.get("glyphs")];
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, SIZE, SIZE);
  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top, WIDTH, HEIGHT);
  context.clip();
  if (model.get("background")) drawDecodedPlane(context, data, colours);
  else drawEmptyAreas(context, data, colours);
  context.font = "bold 11px system-ui, sans-serif";
  [context.textAlign, context.textBaseline] = ["center", "middle"];
  const disc = (left, top, radius) => {
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fill();
  };
  const each = (draw) => {
    for (let i = 0; i < data.count; i++) {
      context.fillStyle = colours.digits[data.digits[i]];
      if (!hidden.has(data.digits[i])) draw(...toMap(data, data.dots[2 * i], data.dots[2 * i + 1]), data.digits[i]);
    }
  };
  if (glyphs) each((left, top, digit) => context.fillText(digit, left, top));
  else {
    context.globalAlpha = clamp(60 / data.count, 0.006, 0.2); // where many of a class are, its colour grows deep
    each((left, top) => disc(left, top, 14));
    context.globalAlpha = 1;
    each((left, top) => disc(left, top, 2.5));
  }
  context.restore();
  drawAxes(context, data, colours);
}

/** Grey where the ring holds no image. */
function drawEmptyAreas(context, { near, nearSteps }, { empty }) {
  const [width, height] = [WIDTH / (nearSteps - 1), HEIGHT / (nearSteps - 1)];
  context.fillStyle = empty;
  near.forEach((count, k) => {
    if (count) return;
    const [column, row] = [k % nearSteps, Math.floor(k / nearSteps)];
    const [left, top] = [MARGIN.left + (column - 0.5) * width, MARGIN.top + (row - 0.5) * height];
    context.fillRect(left, top, width + 0.5, height + 0.5);
  });
}

function drawAxes(context, data, { ink }) {
  const { centre, half, axisNames } = data;
  context.strokeStyle = context.fillStyle = ink;
  context.strokeRect(MARGIN.left, MARGIN.top, WIDTH, HEIGHT);
  context.font = "13px system-ui, sans-serif";
  const step = [0.5, 1, 2, 5, 10, 20, 50, 100].find((s) => half / s <= 4) ?? half;
  const ticks = (middle) => {
    const first = Math.ceil((middle - half) / step);
    return Array.from({ length: Math.floor((middle + half) / step) - first + 1 }, (_, k) => (first + k) * step);
  };
  const text = (tick) => `${tick}`.replace("-", "−");
  [context.textAlign, context.textBaseline] = ["center", "top"];
  for (const x of ticks(centre[0])) context.fillText(text(x), toMap(data, x, 0)[0], SIZE - MARGIN.bottom + 5);
  [context.textAlign, context.textBaseline] = ["right", "middle"];
  for (const y of ticks(centre[1])) context.fillText(text(y), MARGIN.left - 5, toMap(data, 0, y)[1]);
  context.font = "14px system-ui, sans-serif";
  [context.textAlign, context.textBaseline] = ["center", "alphabetic"];
  context.fillText(axisNames[0], MARGIN.left + WIDTH / 2, SIZE - 8);
  context.save();
  context.translate(14, MARGIN.top + HEIGHT / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(axisNames[1], 0, 0);
  context.restore();
}

/** The ring, and a square around the selected dot. */
function drawMarker({ model, data, dom, colours }) {
  const [context, selected] = [pen(dom.marker), model.get("selected")];
  const outline = (draw) => {
    for (const [colour, thickness] of [[colours.paper, 6], [colours.ink, 2.5]]) {
      [context.strokeStyle, context.lineWidth] = [colour, thickness];
      context.beginPath();
      draw();
      context.stroke();
    }
  };
  const [left, top] = toMap(data, model.get("x"), model.get("y"));
  outline(() => context.arc(left, top, (data.radius / (2 * data.half)) * WIDTH, 0, 2 * Math.PI));
  if (selected === null) return;
  const [dotLeft, dotTop] = toMap(data, data.dots[2 * selected], data.dots[2 * selected + 1]);
  outline(() => context.rect(dotLeft - 6, dotTop - 6, 12, 12));
}

/** The code of a place of the plane. */
const codeAt = ({ plane: [origin, right, up] }, x, y) => origin.map((value, j) => value + x * right[j] + y * up[j]);

/** The image at the ring. */
function drawDecoded({ model, data, dom }) {
  data.decoder(dom.decoded, codeAt(data, model.get("x"), model.get("y")));
}

const TILES = 15; // decoded images along each side of the map

/** What the places of the map decode to, pale, so that the dots stand out. Where only the kernel decodes, nothing. */
function drawDecodedPlane(context, data, { paper, ink }) {
  if (!data.decoder.run) return;
  const { centre, half } = data;
  const side = (2 * half) / TILES;
  const tileCanvas = new OffscreenCanvas(IMAGE, IMAGE);
  for (let k = 0; k < TILES ** 2; k++) {
    const x = centre[0] - half + ((k % TILES) + 0.5) * side;
    const y = centre[1] + half - (Math.floor(k / TILES) + 0.5) * side;
    const picture = new ImageData(IMAGE, IMAGE);
    data.decoder.run(codeAt(data, x, y)).forEach((pixel, i) => {
      picture.data.set([...between(paper, ink, 0.48 * pixel), 255], 4 * i);
    });
    tileCanvas.getContext("2d").putImageData(picture, 0, 0);
    const [left, top] = toMap(data, x - side / 2, y + side / 2);
    context.drawImage(tileCanvas, left, top, WIDTH / TILES, HEIGHT / TILES);
  }
}

/** Say where the ring is, and how many images it holds. */
function writeNote({ model, data, dom }) {
  const [x, y] = [model.get("x"), model.get("y")];
  const [column, row] = shares(data, x, y).map((share) => Math.round(share * (data.nearSteps - 1)));
  const here = data.near[row * data.nearSteps + column];
  const place = `decoded at (${x.toFixed(2)}, ${y.toFixed(2)})`.replaceAll("-", "−");
  dom.note.textContent = here
    ? `${place}: ${here} of ${data.count.toLocaleString("en")} images in the ring`
    : `${place}: no image in the ring, so the decoder is guessing`;
  dom.note.classList.toggle("empty", !here);
}

function drawSelected({ model, data, dom }) {
  const selected = model.get("selected");
  dom.pair.style.visibility = selected === null ? "hidden" : "visible";
  dom.selection.textContent =
    selected === null
      ? "Drag the ring; click a dot to see its image."
      : `image ${selected}, a ${data.digits[selected]}, and its reconstruction`;
  if (selected === null) return;
  put(dom.original, data.original(selected));
  const width = data.codes.length / data.count;
  data.decoder(dom.reconstruction, data.codes.subarray(selected * width, (selected + 1) * width));
}
