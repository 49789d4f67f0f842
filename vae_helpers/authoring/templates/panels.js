// Panels as large as there is room for, and while they are being drawn: for decks and live pages.

/** Set one value after the other until it fits; return that one, or undefined if none does. */
function firstThatFits(values, set, fits) {
  return values.find((value) => {
    set(value);
    return fits();
  });
}

/** Call a function once the panel of a view has come, and again while it is being drawn; not when it is used. */
function whileDrawn(view, then) {
  let left = 12; // calls, should two layouts make way for each other
  const drawing = new ResizeObserver(() => left-- > 0 && then());
  const watch = () => {
    const panel = view.querySelector(".stage, .latent-map, .prediction");
    if (panel) drawing.observe(panel);
    return panel;
  };
  const arrival = new MutationObserver(() => watch() && arrival.disconnect());
  if (!watch()) arrival.observe(view, { childList: true, subtree: true });
  for (const use of ["pointerdown", "keydown"]) view.addEventListener(use, () => drawing.disconnect(), true);
}
