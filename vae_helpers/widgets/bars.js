// The ELBO and the gap as two bars, which add up to log p(x). stage.js and plot.js come before it.

/** A plot with both bars. low: where its axis ends; base: where the ELBO's bar begins. Returns what sets the ELBO. */
function openBars(parent, { logP, low, top, base, width, height, phone }) {
  const bars = createPlot(parent, {
    x: [0, 3], y: [low, top], names: ["", "nats"], label: "the ELBO and the gap", width, height, phone, xTicks: false,
  });
  curve(bars, "dashed", [[0, logP], [3, logP]]);
  word(bars, "log p(x)", 2.95, logP, "", "end", 6);
  const [elboBar, gapBar] = [["ELBO", "latent", 0.4], ["gap", "kl", 1.4]].map(([name, look, left]) => {
    word(bars, name, left + 0.4, low, look, "middle", -20);
    const [x, width] = [bars.left(left), bars.left(0.8) - bars.left(0)];
    return shape("rect", bars.inner, { class: `fill ${look}`, x, width });
  });
  const span = (bar, from, to) => {
    bar.setAttribute("y", bars.top(Math.max(from, to)));
    bar.setAttribute("height", Math.abs(bars.top(from) - bars.top(to)));
  };
  return (elbo) => {
    const seen = Math.max(elbo, low); // it may leave the axes
    span(elboBar, base, seen);
    span(gapBar, seen, logP);
  };
}
