// An image with its text alternative. shared.js comes before it.

function render({ model, el }) {
  const image = element("img", el, { style: "display: block; max-width: 100%" });
  const show = () => {
    const before = image.src;
    image.src = URL.createObjectURL(new Blob([bytes(model.get("value"))], { type: "image/png" }));
    URL.revokeObjectURL(before); // it stays on the screen until the new one is there
  };
  const describe = () => (image.alt = model.get("alt"));
  const unfollow = follow(model, { value: show, alt: describe });
  const stopNaming = nameSliders(el);
  return () => {
    unfollow();
    URL.revokeObjectURL(image.src);
    stopNaming();
  };
}

export default { render };
