// The whole way of one image through a VAE: drawn or chosen, encoded, sampled, decoded, and what both terms cost.
// stage.js, network.js and plot.js come before it.

const CODE = [
  ["input", "x = images[0:1]"],
  ["encoder", "mu, logvar = model.encode(x)"],
  ["sample", "z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)"],
  ["decoder", "p = model.decode(z)"],
  ["reconstruction", "reconstruction = -(x * p.log() + (1 - x) * (1 - p).log()).sum()"],
  ["kl", "kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum()"],
];

async function render(context) {
  const { data, controls, decoder, encode, root, note, glide, follow } = await openStage(context);
  const known = await openSheet(data.sheet);
  const digits = bytes(data.digits);
  const { origin, plane, noise, limit, names } = data;
  const latents = origin.length;
  const inPlane = (code) => plane.map((axis) => axis.reduce((sum, step, j) => sum + step * (code[j] - origin[j]), 0));
  let drawn = null; // an image by hand, 784 pixels
  let moved = null; // where z was dragged to, on the plane

  // the parts, from left to right
  const part = (name, element) => Object.assign(element.dataset, { part: name }) && element;
  const way = element("div", root, { class: "row way" });
  const input = picture(way, "the image x: draw here", { side: 150, label: "the image; draw on it with the pointer" });
  part("input", input.parentElement);
  part("encoder", network(way, "encoder", 1));
  const codePlot = createPlot(way, {
    x: [0.4, latents + 0.6], y: [-3.6, 3.6], names: ["latent", "μ ± σ, and z"], label: "the code", width: 250, height: 200, phone: [190, 160],
    title: onPhone() ? "z = μ + σε" : "from μ the noise σε leads to z",
  });
  part("decoder", network(way, "decoder", -1));
  const output = picture(way, "decoded: probabilities", { side: 150 });
  part("decoder", output.parentElement);
  const mapPlot = createPlot(root, {
    x: [-limit, limit], y: [-limit, limit], names, label: "z among known codes; drag it", title: "z on its map: drag it",
    width: 205, height: 205, phone: [184, 170],
  });
  part("sample", mapPlot.root);
  drawDots(mapPlot, { points: floats(data.points), digits });
  const losses = createPlot(root, {
    x: [0, 3], y: [0, 260], names: ["", "nats"], label: "both terms of the loss", width: 140, height: 205, phone: [130, 160], xTicks: false,
  });
  const nearest = picture(root, "nearest known image", { side: 112 });
  const text = element("div", root, { class: "code" });
  const lines = Object.fromEntries(
    CODE.map(([name, line]) => [name, part(name, element("code", text, { tabindex: "0", role: "button" }, line))]),
  );
  const formula = element("p", text, { class: "formula" });
  const term = (name, around, words, tag = "span") => part(name, element(tag, around, {}, words));
  const [first, second] = [term("reconstruction", formula, "−E"), term("kl", formula, "KL(")];
  term("sample", first, "z ~ q", "sub");
  first.append(" log ");
  const likelihood = term("decoder", first, "p(");
  term("input", likelihood, "x");
  likelihood.append("|z)");
  first.after(" + ");
  term("encoder", second, "q(z|x)");
  second.append(" ‖ p(z))");
  formula.append(" = −ELBO");
  const buttons = element("div", root, { class: "buttons" });
  const again = element("button", buttons, { type: "button" }, "draw ε again");
  const clear = element("button", buttons, { type: "button" }, "clear the drawing");
  const unfold = element("button", buttons, { type: "button", class: "unfold", "aria-expanded": "false" }, "its code");
  unfold.addEventListener("click", () => unfold.setAttribute("aria-expanded", text.classList.toggle("open")));
  const arithmetic = element(
    "p", root, { class: "arithmetic", "aria-live": "polite" },
    "Point at a part or a line, and press it. A drawing is centred and scaled as MNIST's digits are.",
  );

  const mark = (name, tag, attributes) => origin.map(() => part(name, shape(tag, codePlot.inner, attributes)));
  const bars = mark("encoder", "rect", { class: "fill encoder pale", width: 9 });
  const whiskers = mark("encoder", "path", { class: "curve encoder" });
  const steps = mark("sample", "path", { class: "curve prior" });
  const samples = mark("sample", "circle", { class: "fill latent", r: 4 });
  curve(codePlot, "kl dotted", [[0.4, 0], [latents + 0.6, 0]]);
  const [reconstructionBar, klBar] = [["decoder", 0.4], ["kl", 1.7]].map(([look, left]) =>
    shape("rect", losses.inner, { class: `fill ${look}`, x: losses.left(left), width: losses.left(0.9) - losses.left(0) }),
  );
  const [reconstructionWord, klWord] = [["decoder", 0.85], ["kl", 2.15]].map(([look, middle]) =>
    word(losses, "", middle, 0, look, "middle"),
  );
  shape("text", losses.svg, { class: "title", x: losses.left(0.85), y: losses.box[3] + 18 }, "rec.");
  shape("text", losses.svg, { class: "title", x: losses.left(2.15), y: losses.box[3] + 18 }, "KL");
  part("reconstruction", reconstructionBar);
  part("kl", klBar);

  const place = handle(mapPlot, {
    label: "z on its map",
    draw: ring,
    steps: [limit / 25, limit / 25],
    move(x, y) {
      moved = [x, y];
      glide(draw);
    },
  });

  let shown = {};
  let entered = { what: null }; // what depends on the image alone
  const enter = (what) => {
    const x = drawn ?? known(what);
    const far = Array.from(digits.keys(), (i) => known(i).reduce((sum, pixel, k) => sum + (pixel - x[k]) ** 2, 0));
    put(input, x);
    put(nearest, known(nearestOf(far, drawn ? -1 : what)));
    entered = { what, x, out: encode(x) };
  };
  const draw = () => {
    const what = drawn ?? read(controls.image);
    if (entered.what !== what) enter(what);
    const { x, out } = entered;
    const [mu, logvar] = [out.slice(0, latents), out.slice(latents)];
    const sigma = logvar.map((value) => Math.exp(0.5 * value));
    const epsilon = noise[read(controls.seed)];
    let z = mu.map((value, j) => value + sigma[j] * epsilon[j]);
    if (moved) {
      const [right, up] = inPlane(z).map((value, k) => moved[k] - value); // the rest of the code stays
      z = z.map((value, j) => value + right * plane[0][j] + up * plane[1][j]);
    }
    const p = decoder.run(z);
    const safe = (value) => Math.log(Math.max(value, 1e-7));
    const costs = x.map((pixel, i) => -(pixel * safe(p[i]) + (1 - pixel) * safe(1 - p[i])));
    const reconstruction = costs.reduce((sum, cost) => sum + cost, 0);
    const each = mu.map((value, j) => 0.5 * (value ** 2 + sigma[j] ** 2 - 1 - logvar[j]));
    const kl = each.reduce((sum, value) => sum + value, 0);
    put(output, p);
    whiskers.forEach((path, j) => {
      const [left, a, b] = [codePlot.left(j + 1), codePlot.top(mu[j] - sigma[j]), codePlot.top(mu[j] + sigma[j])];
      const [middle, zero] = [codePlot.top(mu[j]), codePlot.top(0)];
      path.setAttribute("d", `M${left},${a}V${b}M${left - 5},${middle}h10`);
      bars[j].setAttribute("x", left - 4.5);
      bars[j].setAttribute("y", Math.min(middle, zero));
      bars[j].setAttribute("height", Math.abs(middle - zero));
      steps[j].setAttribute("d", `M${left},${middle}V${codePlot.top(z[j])}`);
      samples[j].setAttribute("cx", left);
      samples[j].setAttribute("cy", codePlot.top(z[j]));
    });
    for (const [bar, label, value] of [[reconstructionBar, reconstructionWord, reconstruction], [klBar, klWord, kl]]) {
      const top = losses.top(Math.min(value, 255));
      bar.setAttribute("y", top);
      bar.setAttribute("height", losses.box[3] - top);
      label.setAttribute("y", top - 5);
      label.textContent = value.toFixed(1);
    }
    place.set(...inPlane(z), `z at ${inPlane(z).map((value) => signed(value, 2)).join(", ")}`);
    note.textContent = `reconstruction ${reconstruction.toFixed(1)} + KL ${kl.toFixed(1)} = negative ELBO ` +
      `${(reconstruction + kl).toFixed(1)} nats, at one sample of z${moved ? " that you have moved" : ""}`;
    lines.input.textContent = drawn ? "x = drawing" : `x = images[${what}:${what + 1}]`;
    shown = { x, mu, sigma, logvar, epsilon, z, p, each, costs, kl, reconstruction };
  };

  // pointing at a part lights it up everywhere; pressing it opens its arithmetic
  const partOf = (event) => event.target.closest("[data-part]")?.dataset.part;
  const light = (event) => {
    const name = partOf(event);
    for (const each of root.querySelectorAll("[data-part]")) each.classList.toggle("lit", each.dataset.part === name);
  };
  const open = (event) => {
    const name = partOf(event);
    if (name) arithmetic.textContent = ARITHMETIC[name](shown);
    return name;
  };
  for (const kind of ["pointerover", "focusin"]) root.addEventListener(kind, light);
  root.addEventListener("pointerleave", light);
  root.addEventListener("click", open);
  root.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("code") && open(event)) event.preventDefault();
  });
  again.addEventListener("click", () => {
    moved = null;
    write(controls.seed, (read(controls.seed) + 1) % noise.length);
  });
  const pad = drawingPad(input, (pixels) => {
    [drawn, moved] = [pixels, null];
    glide(draw);
  });
  clear.addEventListener("click", () => {
    drawn = moved = null;
    pad.clear();
    glide(draw);
  });
  let chosen = null;
  return follow(() => {
    if (chosen !== read(controls.image)) {
      chosen = read(controls.image);
      drawn = moved = null;
      pad.clear();
    } else moved = null;
    draw();
  });
}

/** A network between two parts: what comes in on its wide side, 1 the left or −1 the right, leaves on the other. */
function network(parent, name, wide) {
  const svg = shape("svg", parent, { class: "network", viewBox: "0 0 90 150", role: "img", "aria-label": `the ${name}` });
  const [left, right] = wide > 0 ? [0, 40] : [40, 0];
  shape("path", svg, { class: `fill ${name}`, d: `M14,${left}L76,${right}V${150 - right}L14,${150 - left}Z` });
  shape("text", svg, { class: "title", x: 45, y: 80 }, name);
  for (const x of [1, 80]) shape("path", svg, { class: "axis", d: `M${x},75h9m-4,-4l4,4l-4,4` });
  return svg;
}

/** Where the smallest of some numbers stands, one of them left out. */
function nearestOf(numbers, without) {
  return numbers.reduce((found, value, i) => (i !== without && value < (numbers[found] ?? Infinity) ? i : found), -1);
}

const ARITHMETIC = {
  input: ({ x }) => `784 pixels from 0 to 1; ${x.filter((pixel) => pixel > 0.5).length} of them are above one half.`,
  encoder: ({ mu, sigma, logvar }) =>
    `For latent 1 the encoder gives μ = ${signed(mu[0], 2)} and log σ² = ${signed(logvar[0], 2)}, so σ = exp(½ · (${signed(logvar[0], 2)})) = ${sigma[0].toFixed(2)}; ${mu.length} pairs in all.`,
  sample: ({ mu, sigma, epsilon }) =>
    `z₁ = μ₁ + σ₁ ε₁ = ${signed(mu[0], 2)} + ${sigma[0].toFixed(2)} · ${signed(epsilon[0], 2)} = ${signed(mu[0] + sigma[0] * epsilon[0], 2)}`,
  decoder({ p }) {
    const i = p.reduce((found, value, k) => (Math.abs(value - 0.5) < Math.abs(p[found] - 0.5) ? k : found), 0);
    const logit = signed(Math.log(p[i] / (1 - p[i])), 2);
    return `The least certain of 784 pixels, row ${Math.floor(i / 28) + 1}, column ${(i % 28) + 1}: the decoder gives the logit ${logit}, so p = 1 / (1 + exp(−(${logit}))) = ${p[i].toFixed(2)}.`;
  },
  reconstruction({ x, p, costs, reconstruction }) {
    const i = costs.indexOf(Math.max(...costs));
    return `The costliest pixel, row ${Math.floor(i / 28) + 1}, column ${(i % 28) + 1}: x = ${x[i].toFixed(2)}, p = ${p[i].toFixed(2)}, so −x log p − (1 − x) log(1 − p) = ${costs[i].toFixed(2)} nats. All 784 together: ${reconstruction.toFixed(1)}.`;
  },
  kl({ mu, sigma, logvar, each, kl }) {
    const j = each.indexOf(Math.max(...each));
    return `The costliest latent, ${j + 1}: ½ (μ² + σ² − 1 − log σ²) = ½ (${(mu[j] ** 2).toFixed(2)} + ${(sigma[j] ** 2).toFixed(2)} − 1 − (${signed(logvar[j], 2)})) = ${each[j].toFixed(2)} nats. All ${mu.length} together: ${kl.toFixed(1)}.`;
  },
};

const PAD = 280; // the drawing's own pixels

/** Let a pointer draw on a canvas; `use` gets 784 pixels, centred and scaled as MNIST's digits are. */
function drawingPad(canvas, use) {
  const paper = new OffscreenCanvas(PAD, PAD);
  const pen = paper.getContext("2d", { willReadFrequently: true });
  Object.assign(pen, { lineWidth: 22, lineCap: "round", lineJoin: "round", strokeStyle: "white" });
  canvas.style.touchAction = "none";
  canvas.style.cursor = "crosshair";
  let last = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * PAD, ((event.clientY - box.top) / box.height) * PAD];
  };
  const later = coalesce(() => {
    const pixels = asDigit(paper, pen);
    if (pixels) use(pixels);
  });
  const line = (event) => {
    const here = at(event);
    pen.beginPath();
    pen.moveTo(...(last ?? here));
    pen.lineTo(...here);
    pen.stroke();
    last = here;
    later();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    line(event);
  });
  canvas.addEventListener("pointermove", (event) => last && line(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
  return { clear: () => pen.clearRect(0, 0, PAD, PAD) };
}

/** What was drawn as MNIST's digits are: the longer side 20 pixels, the centre of mass in the middle of 28 x 28. */
function asDigit(paper, pen) {
  const ink = pen.getImageData(0, 0, PAD, PAD).data;
  let [left, top, right, bottom] = [PAD, PAD, -1, -1];
  for (let i = 0; i < PAD * PAD; i++) {
    if (!ink[4 * i + 3]) continue;
    const [x, y] = [i % PAD, Math.floor(i / PAD)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return null;
  const scale = 20 / Math.max(right - left + 1, bottom - top + 1);
  const [width, height] = [(right - left + 1) * scale, (bottom - top + 1) * scale];
  const draw = (x, y) => {
    const small = new OffscreenCanvas(IMAGE, IMAGE).getContext("2d");
    small.imageSmoothingQuality = "high";
    small.drawImage(paper, left, top, right - left + 1, bottom - top + 1, x, y, width, height);
    const { data } = small.getImageData(0, 0, IMAGE, IMAGE);
    return Float32Array.from({ length: IMAGE * IMAGE }, (_, i) => data[4 * i + 3] / 255);
  };
  const first = draw((IMAGE - width) / 2, (IMAGE - height) / 2);
  const mass = first.reduce((sum, pixel) => sum + pixel, 0);
  const centre = (of) => first.reduce((sum, pixel, i) => sum + pixel * (of(i) + 0.5), 0) / mass;
  const across = IMAGE / 2 - centre((i) => i % IMAGE);
  const down = IMAGE / 2 - centre((i) => Math.floor(i / IMAGE));
  return draw((IMAGE - width) / 2 + across, (IMAGE - height) / 2 + down);
}

export default { render };
