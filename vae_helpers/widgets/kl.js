// The KL between N(μ, σ²) and N(0, 1), as an area and as a landscape. shared.js, stage.js, plot.js come before it.

const density = (z, mu, sigma) => Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
const LEVELS = [0.1, 0.5, 1, 2, 4];
const Z = Array.from({ length: 401 }, (_, i) => -8 + i / 25);

async function render(context) {
  const { controls, root, note, follow } = await openStage(context);
  const densities = createPlot(root, {
    x: [-8, 8], y: [-0.5, 2.1], names: ["z", "density"], label: "two densities, and q log(q/p)", width: 440, height: 320,
  });
  const area = shape("path", densities.inner, { class: "fill kl faint" });
  curve(densities, "prior dashed", Z.map((z) => [z, density(z, 0, 1)]));
  const q = curve(densities, "latent");
  word(densities, "p = N(0, 1)", -7.6, 1.85, "prior");
  word(densities, "q = N(μ, σ²)", -7.6, 1.6, "latent");
  word(densities, "q log(q/p): its area is the KL", -7.6, 1.35, "kl");

  const plane = createPlot(root, {
    x: [-3.2, 3.2], y: [0, 3.2], names: ["μ", "σ"], title: "KL in nats: drag the point", label: "the KL over μ and σ", width: 370, height: 320,
  });
  LEVELS.forEach((level) => drawLevel(plane, level));
  word(plane, "+", 0, 1, "prior", "middle", -5);
  const downhill = curve(plane, "latent");
  const point = handle(plane, {
    label: "μ and σ of q",
    draw: (group) => shape("circle", group, { class: "point", r: 8 }),
    steps: [0.05, 0.05],
    move(mu, sigma) {
      write(controls.mu, mu);
      write(controls.sigma, sigma);
    },
  });

  return follow(() => {
    const [mu, sigma] = [read(controls.mu), read(controls.sigma)];
    const kl = 0.5 * (mu ** 2 + sigma ** 2 - 1) - Math.log(sigma);
    const [slopeMu, slopeSigma] = [mu, sigma - 1 / sigma];
    const grid = Array.from({ length: 201 }, (_, i) => mu + ((i - 100) / 100) * 6 * sigma); // all of q, however narrow
    const near = [...Z, ...grid].sort((a, b) => a - b);
    q.set(near.map((z) => [z, density(z, mu, sigma)]));
    const height = (z) => density(z, mu, sigma) * (0.5 * (z ** 2 - ((z - mu) / sigma) ** 2) - Math.log(sigma));
    const line = through(densities, near.map((z) => [z, height(z)]));
    const zero = densities.top(0);
    area.setAttribute("d", `M${densities.left(near[0])},${zero}${line.replace("M", "L")}L${densities.left(near.at(-1))},${zero}Z`);
    const length = Math.max(Math.hypot(slopeMu, slopeSigma), 1e-9);
    const step = (0.5 * Math.tanh(length)) / length; // at most half a unit long
    downhill.set([[mu, sigma], [mu - step * slopeMu, sigma - step * slopeSigma]]);
    const words = `μ = ${signed(mu, 2)}, σ = ${sigma.toFixed(2)}: KL = ${kl.toFixed(3)} nats`;
    point.set(mu, sigma, words);
    const sign = (slope) => (slope < 0 ? "" : "+") + signed(slope, 2);
    note.textContent = `${words}, ∂KL/∂μ = ${sign(slopeMu)}, ∂KL/∂σ = ${sign(slopeSigma)}`;
  });
}

/** The line on which the KL has one value: for each σ, μ² = 2 KL + 1 + 2 log σ − σ². */
function drawLevel(plane, level) {
  const squared = (sigma) => 2 * level + 1 + 2 * Math.log(sigma) - sigma ** 2;
  const sigmas = Array.from({ length: 1200 }, (_, i) => (i + 1) / 300).filter((sigma) => squared(sigma) >= 0);
  const right = sigmas.map((sigma) => [Math.sqrt(squared(sigma)), sigma]);
  const left = right.map(([mu, sigma]) => [-mu, sigma]).reverse();
  shape("path", plane.inner, { class: "grid", d: `${through(plane, [...right, ...left])}Z` });
  const side = LEVELS.indexOf(level) % 2 ? 1 : -1; // so that the labels of the narrow ones have room
  word(plane, `${level}`, side * Math.sqrt(2 * level), 1, "kl on-line", "middle", -5);
}

export default { render };
