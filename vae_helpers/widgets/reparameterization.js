// Draws ε that stand still, and z = μ + σ ε, which move. stage.js and plot.js come before it.

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { epsilon } = data;
  const plot = createPlot(root, {
    x: [-6, 6], y: [-0.5, 1.35], names: ["", ""], label: "ε above, z below", width: 640, height: 300, yTicks: false,
  });
  word(plot, "ε, drawn once from N(0, 1)", -5.9, 1.16, "prior");
  word(plot, "z = μ + σ ε: drag it", -5.9, 0.12, "latent");
  const lines = epsilon.map(() => shape("path", plot.inner, { class: "grid" }));
  for (const value of epsilon)
    shape("circle", plot.inner, { class: "fill prior", r: 4, cx: plot.left(value), cy: plot.top(1) });
  const dots = epsilon.map(() => shape("circle", plot.inner, { class: "fill latent", r: 4, cy: plot.top(0) }));
  const grip = (label, look, anchor, move) =>
    handle(plot, {
      label,
      draw(group) {
        shape("circle", group, { class: `point ${look}`, r: 8 });
        shape("text", group, { y: 5, x: anchor === "end" ? -14 : 14, "text-anchor": anchor }, label);
      },
      steps: [0.05, 0],
      move,
    });
  const mean = grip("μ", "", "end", (mu) => write(controls.mu, mu));
  const end = grip("μ + σ", "open", "start", (place) => write(controls.sigma, place - read(controls.mu)));
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  return follow(() => {
    const [mu, sigma] = [read(controls.mu), read(controls.sigma)];
    const z = epsilon.map((value) => mu + sigma * value);
    z.forEach((value, i) => {
      dots[i].setAttribute("cx", plot.left(value));
      lines[i].setAttribute("d", through(plot, [[epsilon[i], 1], [value, 0]]));
    });
    const slopes = z.map((value) => -2 * (value - 3));
    const phi = average(z.map((value) => -((value - 3) ** 2)));
    const [slopeMu, slopeSigma] = [average(slopes), average(slopes.map((slope, i) => slope * epsilon[i]))];
    mean.set(mu, -0.18, `μ = ${signed(mu, 2)}`);
    end.set(mu + sigma, -0.18, `σ = ${sigma.toFixed(2)}`);
    note.textContent = `μ = ${signed(mu, 2)}, σ = ${sigma.toFixed(2)}: the average of φ(z) = −(z − 3)² is ${signed(phi, 2)}; ` +
      `its slope is ${signed(slopeMu, 2)} along μ (the average of φ′) and ${signed(slopeSigma, 2)} along σ (of ε φ′)`;
  });
}

export default { render };
