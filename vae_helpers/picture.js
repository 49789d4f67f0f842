// The page part of Picture: an image with its text alternative. Stands after page.js.

function render({ model, el }) {
  const image = element("img", el, { style: "display: block; max-width: 100%" });
  const show = () => {
    const before = image.src;
    image.src = URL.createObjectURL(new Blob([bytes(model.get("value"))], { type: "image/png" }));
    URL.revokeObjectURL(before); // it stays on the screen until the new one is there
  };
  const describe = () => (image.alt = model.get("alt"));
  const follow = { value: show, alt: describe };
  for (const [trait, draw] of Object.entries(follow)) {
    model.on(`change:${trait}`, draw);
    draw();
  }
  const forget = nameSliders(el);
  return () => {
    for (const [trait, draw] of Object.entries(follow)) model.off(`change:${trait}`, draw);
    URL.revokeObjectURL(image.src);
    forget();
  };
}

export default { render };
