// Two images and a film between them: shows the frame at the slider's value, with a kernel or without.
// shared.js comes before it.

async function render({ model, el, host }) {
  const slider = await host.getModel(model.get("slider"));
  const images = await greys(model.get("png")); // the two ends, then the film from one to the other
  const count = model.get("count");

  const root = element("div", el, { class: "film" });
  const [first, decoded, second] = ["first image", "decoded", "second image"].map((name) => {
    const figure = element("figure", root);
    element("figcaption", figure, {}, name);
    return imageCanvas(figure, name);
  });
  const note = element("p", root);
  paint(first, tile(images, 0));
  paint(second, tile(images, 1));

  const unfollow = follow(slider, {
    value() {
      const alpha = slider.get("value");
      paint(decoded, tile(images, 2 + Math.round((count - 1) * alpha)));
      decoded.setAttribute("aria-label", `decoded at alpha ${alpha.toFixed(2)}`);
      note.innerHTML = `The decoder at (1 − α) z<sub>first</sub> + α z<sub>second</sub>, α = ${alpha.toFixed(2)}`;
    },
  });
  const stopNaming = nameSliders(el);
  return () => {
    unfollow();
    stopNaming();
  };
}

export default { render };
