// The true posterior of an image over two latents, and a Gaussian q to drag over it: ELBO and gap add up to log p(x).
// stage.js, plot.js and bars.js come before it. The page knows log p(x, z) on a grid, and interpolates between its lines.

const STEP = 0.002; // of the square root of the depth below the top
const SHOWN = 12; // nats of the bars' axis below log p(x)

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { names, grid, nodes, weights } = data;
  const sheet = await openSheet(data.sheet);
  const depths = (packed) => new Uint16Array(bytes(packed).slice().buffer);
  const below = depths(data.below);
  const belowFar = depths(data.belowFar);
  const image = picture(root, "the image x", { side: 150 });

  let number = -1;
  let parts = {}; // of the plots, which have other axes for each image
  const space = element("div", root, { class: "space" });

  const open = () => {
    space.replaceChildren();
    const [left, right, bottom, top] = data.windows.slice(4 * number, 4 * number + 4);
    const plot = createPlot(space, {
      x: [left, right], y: [bottom, top], names: ["z₁", "z₂"], label: "the posterior and q", width: 400, height: 390, phone: [350, 270],
      title: "drag q by its middle or its rim",
    });
    paint(plot, (i) => Math.exp(-0.5 * (STEP * below[number * grid * grid + i]) ** 2), grid);
    const [m1, m2, s1, s2] = data.encoder.slice(4 * number, 4 * number + 4);
    const encoder = shape("ellipse", plot.inner, { class: "curve prior dashed" });
    const q = [1, 2].map(() => shape("ellipse", plot.inner, { class: "curve latent" }));
    place(plot, encoder, m1, m2, 2 * s1, 2 * s2);
    const step = (right - left) / 100;
    const middle = handle(plot, {
      label: "the middle of q",
      draw: (group) => shape("circle", group, { class: "point", r: 6 }),
      steps: [step, step],
      move(x, y) {
        write(controls.mu1, x);
        write(controls.mu2, y);
      },
    });
    const rim = handle(plot, {
      label: "the width of q",
      draw: (group) => shape("circle", group, { class: "point open", r: 5 }),
      steps: [step / 2, step / 2],
      move(x, y) {
        write(controls.sigma1, Math.abs(x - read(controls.mu1)) / 2);
        write(controls.sigma2, Math.abs(y - read(controls.mu2)) / 2);
      },
    });
    const logP = data.logP[number];
    const low = logP - SHOWN;
    const bars = openBars(space, { logP, low, top: logP + 1, base: low, width: 230, height: 390, phone: [200, 190] });
    parts = { plot, q, middle, rim, bars, window: [left, right, bottom, top] };
    put(image, sheet(number));
    parts.encoderGap = logP - elbo(m1, m2, s1, s2);
  };

  /** log p(x, z) between the lines of a grid, the window's or the whole plane's: a cubic through four, each way. */
  const logJoint = (z1, z2) => {
    const [l, r, b, t] = parts.window;
    const isNear = z1 >= l && z1 <= r && z2 >= b && z2 <= t;
    const [lines, depth, [left, right, bottom, top]] = isNear
      ? [grid, below, parts.window]
      : [data.far, belowFar, data.plane];
    const [row, down] = cubic(((top - z2) / (top - bottom)) * (lines - 1), lines);
    const [column, across] = cubic(((z1 - left) / (right - left)) * (lines - 1), lines);
    let sum = 0;
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 4; j++) {
        const nats = (STEP * depth[number * lines * lines + (row + i) * lines + column + j]) ** 2;
        sum += down[i] * across[j] * nats;
      }
    return data.tops[number] - sum;
  };

  const elbo = (mu1, mu2, sigma1, sigma2) => {
    let expected = 0;
    for (let k = 0; k < weights.length; k++)
      expected += weights[k] * logJoint(mu1 + sigma1 * nodes[2 * k], mu2 + sigma2 * nodes[2 * k + 1]);
    return expected + Math.log(sigma1 * sigma2) + 1 + Math.log(2 * Math.PI);
  };

  return follow(() => {
    const chosen = read(controls.image);
    if (chosen !== number) {
      const first = number < 0;
      number = chosen;
      const start = data.encoder.slice(4 * number, 4 * number + 4);
      parts.window = data.windows.slice(4 * number, 4 * number + 4);
      open();
      if (!first) ["mu1", "mu2", "sigma1", "sigma2"].forEach((name, k) => write(controls[name], start[k], true));
    }
    const [mu1, mu2, sigma1, sigma2] = ["mu1", "mu2", "sigma1", "sigma2"].map((name) => read(controls[name]));
    const found = elbo(mu1, mu2, sigma1, sigma2);
    const gap = data.logP[number] - found;
    const { plot, q, middle, rim, bars } = parts;
    q.forEach((ellipse, k) => place(plot, ellipse, mu1, mu2, (k + 1) * sigma1, (k + 1) * sigma2));
    bars(found);
    const words = `${names[number]}: ELBO ${signed(found, 2)} + gap ${signed(gap, 2)} = log p(x) ` +
      `${signed(data.logP[number], 2)} nats. With the encoder's q the gap is ${signed(parts.encoderGap, 2)}.`;
    middle.set(mu1, mu2, words);
    rim.set(mu1 + 2 * sigma1, mu2 + 2 * sigma2, words);
    note.textContent = words;
  });
}

/** Where a place (in lines of the grid) lies: the first of four lines, and the weights of the cubic through them. */
function cubic(at, grid) {
  const inside = clamp(at, 0, grid - 1);
  const first = clamp(Math.floor(inside) - 1, 0, grid - 4);
  const t = inside - first - 1;
  return [first, [
    (-t * (t - 1) * (t - 2)) / 6,
    ((t + 1) * (t - 1) * (t - 2)) / 2,
    (-(t + 1) * t * (t - 2)) / 2,
    ((t + 1) * t * (t - 1)) / 6,
  ]];
}

function place(plot, ellipse, x, y, rx, ry) {
  const [cx, cy] = [plot.left(x), plot.top(y)];
  const attributes = { cx, cy, rx: plot.left(x + rx) - cx, ry: cy - plot.top(y + ry) };
  for (const [name, value] of Object.entries(attributes)) ellipse.setAttribute(name, value);
}

/** Shares of the decoder's colour on a grid, under a plot. */
function paint(plot, shareAt, grid) {
  const source = new OffscreenCanvas(grid, grid);
  const pixels = new ImageData(grid, grid);
  underlay(plot, (context, { paper, decoder }) => {
    for (let i = 0; i < grid * grid; i++) pixels.data.set([...between(paper, decoder, shareAt(i)), 255], 4 * i);
    source.getContext("2d").putImageData(pixels, 0, 0);
    context.drawImage(source, plot.box[0], plot.box[1], plot.box[2] - plot.box[0], plot.box[3] - plot.box[1]);
  });
}

export default { render };
