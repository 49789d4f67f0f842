// A code, moved along its principal components: bars to drag, what the latents become, and the image.
// stage.js, network.js and plot.js come before it.

const FARTHEST = 3; // standard deviations

async function render(context) {
  const { data, controls, decoder, root, note, follow } = await openStage(context);
  const { start, steps } = data; // steps[k]: one standard deviation along component k, a vector of the latent space
  const count = start.length;
  const widths = start.map((_, j) => Math.max(...steps.map((step) => Math.abs(step[j]))));
  const limit = 1.3 * Math.max(...start.map((value, j) => Math.abs(value) + FARTHEST * widths[j]));
  const decoded = picture(root, "decoded", { side: 252 });
  const column = element("div", root, { class: "column" });
  const sliders = steps.map((_, k) => controls[`component ${k + 1}`]);
  const axis = { x: [0.3, count + 0.7], width: 540 };
  const components = createPlot(column, {
    ...axis, y: [-3.4, 3.4], names: ["component", "steps of σ"], height: 190, label: "how far each component is moved",
    title: "drag these: the principal components",
  });
  const latents = createPlot(column, {
    ...axis, y: [-limit, limit], names: ["latent", "its value"], height: 190, label: "the code", title: "the code that they make",
  });
  for (const plot of [components, latents]) curve(plot, "kl", [[0.3, 0], [count + 0.7, 0]]);
  const [moved, values] = [[components, "prior"], [latents, "latent"]].map(([plot, look]) =>
    Array.from({ length: count }, (_, j) => bar(plot, j + 1, look)),
  );
  start.forEach((value, j) => curve(latents, "prior", [[j + 0.6, value], [j + 1.4, value]]));
  const grips = sliders.map((slider, k) =>
    handle(components, {
      label: `component ${k + 1}`,
      draw: (group) => shape("circle", group, { class: "point", r: 6 }),
      steps: [0, 0.1],
      move: (_, height) => write(slider, Math.round(10 * height) / 10),
    }),
  );

  const reset = element("button", column, { type: "button" }, "reset");
  reset.addEventListener("click", () => sliders.forEach((slider) => write(slider, 0)));

  return follow(() => {
    const heights = sliders.map(read);
    const code = start.map((value, j) => value + heights.reduce((sum, height, k) => sum + height * steps[k][j], 0));
    heights.forEach((height, k) => {
      moved[k](height);
      grips[k].set(k + 1, height, `component ${k + 1} moved by ${signed(height, 1)} σ`);
    });
    code.forEach((value, j) => values[j](value));
    decoder(decoded, code);
    const moves = heights.flatMap((height, k) => (height ? [`${k + 1}: ${height > 0 ? "+" : ""}${signed(height, 1)} σ`] : []));
    note.textContent = moves.length ? `Moved along component ${moves.join(", ")}` : "The decoder at the start: no component is moved";
  });
}

/** A bar at a place of a plot, from 0; returns what sets its height. */
function bar(plot, place, look) {
  const [left, right, zero] = [plot.left(place - 0.33), plot.left(place + 0.33), plot.top(0)];
  const rect = shape("rect", plot.inner, { class: `fill ${look} faint`, x: left, width: right - left });
  let shown = null;
  return (height) => {
    if (height === shown) return;
    shown = height;
    rect.setAttribute("y", Math.min(zero, plot.top(height)));
    rect.setAttribute("height", Math.abs(zero - plot.top(height)));
  };
}

export default { render };
