// A Gaussian q to drag over the true posterior of a model with one latent: the ELBO and the gap add up to log p(x).
// stage.js, plot.js and bars.js come before it.

const normal = (z, mu, sigma) => Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
const PLACES = Array.from({ length: 281 }, (_, i) => -3 + i / 40);

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { x } = data;
  const logP = -0.5 * Math.log(4 * Math.PI) - x ** 2 / 4;
  const plot = createPlot(root, {
    x: [-3, 4], y: [0, 2.1], names: ["z", "density"], label: "the prior, the posterior and q", width: 500, height: 320,
  });
  for (const [mu, sigma, look, name, height] of [
    [0, 1, "prior dotted", "prior p(z)", 1.78],
    [x / 2, Math.sqrt(0.5), "decoder dashed", "posterior p(z|x)", 1.95],
  ]) {
    curve(plot, look, PLACES.map((z) => [z, normal(z, mu, sigma)]));
    word(plot, name, -2.9, height, look.split(" ")[0]);
  }
  word(plot, "q(z): drag its top", -2.9, 1.61, "latent");
  const q = curve(plot, "latent");

  const setBars = openBars(root, { logP, low: -6, top: 0.2, base: 0, width: 300, height: 320 });
  const peak = (sigma) => normal(0, 0, sigma);
  const top = handle(plot, {
    label: "mean and width of q",
    draw: (group) => shape("circle", group, { class: "point", r: 8 }),
    steps: [0.05, 0.02],
    move(mu, height) {
      write(controls.mu, mu);
      write(controls.sigma, peak(1) / Math.max(height, 0.01));
    },
  });

  return follow(() => {
    const [mu, sigma] = [read(controls.mu), read(controls.sigma)];
    const gap = -Math.log(sigma * Math.SQRT2) - 0.5 + sigma ** 2 + (mu - x / 2) ** 2;
    const likelihood = -0.5 * Math.log(2 * Math.PI) - 0.5 * ((x - mu) ** 2 + sigma ** 2);
    const elbo = likelihood - 0.5 * (mu ** 2 + sigma ** 2 - 1 - 2 * Math.log(sigma));
    q.set(PLACES.map((z) => [z, normal(z, mu, sigma)]));
    setBars(elbo);
    const words = `q = N(${signed(mu, 2)}, ${sigma.toFixed(2)}²): ELBO ${signed(elbo, 3)} + gap ${gap.toFixed(3)} = ` +
      `log p(x) ${signed(elbo + gap, 3)} nats`;
    top.set(mu, peak(sigma), words);
    note.textContent = words;
  });
}

export default { render };
