// The page part of Film: shows the image at the place where the slider stands, with or without a kernel.
// Stands after page.js.

const STYLE = `
.film { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 8px; width: fit-content; color-scheme: light;
  background: white; color: ${INK}; font: 14px/1.35 system-ui, sans-serif; }
.film figure { margin: 0; text-align: center; }
.film figcaption { margin: 0 0 4px; color: ${INK}; }
.film canvas { width: 196px; height: 196px; image-rendering: pixelated; background: black; display: block; }
.film p { flex-basis: 100%; margin: 4px 0 0; color: ${INK}; }
`;

async function render({ model, el, host }) {
  const slider = await host.getModel(model.get("slider"));
  const images = await greys(model.get("_images")); // the two ends, and the film from one to the other
  const frames = model.get("_frames");

  const root = element("div", el, { class: "film" });
  element("style", root, {}, STYLE);
  const [first, decoded, second] = ["first image", "decoded", "second image"].map((name) => {
    const figure = element("figure", root);
    element("figcaption", figure, {}, name);
    return element("canvas", figure, { role: "img", width: IMAGE, height: IMAGE, "aria-label": name });
  });
  const note = element("p", root);
  paint(first, tile(images, 0));
  paint(second, tile(images, 1));

  const draw = () => {
    const alpha = slider.get("value");
    paint(decoded, tile(images, 2 + Math.round((frames - 1) * alpha)));
    decoded.setAttribute("aria-label", `decoded at alpha ${alpha.toFixed(2)}`);
    note.innerHTML = `The decoder at (1 − α) z<sub>first</sub> + α z<sub>second</sub>, α = ${alpha.toFixed(2)}`;
  };
  slider.on("change:value", draw);
  draw();
  const forget = nameSliders(el);
  return () => {
    slider.off("change:value", draw);
    forget();
  };
}

export default { render };
