// What β buys: pictures of trained models, and their places on the rate-distortion curve. stage.js and plot.js come
// before it.

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { betas, rates, distortions, floor, no_code: noCode } = data;
  const image = await openSheet(data.sheet); // the images; then of each model 8 reconstructions and 16 samples
  const left = element("div", root, { class: "column" });
  const [originals, reconstructions] = ["test images", "reconstructed"].map((title) =>
    picture(left, title, { columns: 8, side: 47 }),
  );
  const samples = picture(left, "samples of the prior", { rows: 2, columns: 8, side: 47 });
  for (let i = 0; i < 8; i++) put(originals, image(i), i);

  const right = 1.12 * Math.max(...rates) + 2;
  const plot = createPlot(root, {
    x: [-1, right], y: [0.8 * floor, noCode + 0.15 * (noCode - floor)], width: 420, height: 340,
    names: ["rate: KL (nats per image)", "distortion: −log p(x|z) (nats)"], label: "distortion against rate",
    title: "drag the ring along the curve",
  });
  for (const [height, text, look] of [[noCode, "mean image, no code", "prior dashed"], [floor, "the pixels' own entropy", "kl dotted"]]) {
    curve(plot, look, [[-1, height], [right, height]]);
    word(plot, text, right, height, look.split(" ")[0], "end", 5);
  }
  const places = rates.map((rate, i) => [rate, distortions[i]]);
  curve(plot, "latent", places);
  places.forEach(([rate, distortion], i) => {
    shape("circle", plot.inner, { class: "fill latent", r: 4, cx: plot.left(rate), cy: plot.top(distortion) });
    const close = i && Math.abs(rate - rates[i - 1]) < 0.04 * right;
    word(plot, `β = ${betas[i]}`, rate, distortion, "", "start", close ? 24 : 9);
  });
  const away = (rate, distortion) => ([a, b]) => Math.hypot(plot.left(a) - plot.left(rate), plot.top(b) - plot.top(distortion));
  const chosen = handle(plot, {
    label: "β, along the curve",
    draw: ring,
    steps: [1e-6, 0], // to the next model, on that side
    move(rate, distortion) {
      const here = read(controls.beta);
      const [was] = places[here];
      if (Math.abs(rate - was) < 1e-4 && rate !== was) return write(controls.beta, here + (rate > was ? -1 : 1));
      const far = places.map(away(rate, distortion));
      write(controls.beta, far.indexOf(Math.min(...far)));
    },
  });

  return follow(() => {
    const i = read(controls.beta);
    for (let k = 0; k < 8; k++) put(reconstructions, image(8 + 24 * i + k), k);
    for (let k = 0; k < 16; k++) put(samples, image(16 + 24 * i + k), k);
    const words = `β = ${betas[i]}: rate ${rates[i].toFixed(1)} + distortion ${distortions[i].toFixed(1)} = ` +
      `negative ELBO ${(rates[i] + distortions[i]).toFixed(1)} nats per image`;
    chosen.set(...places[i], words);
    note.textContent = words;
  });
}

export default { render };
