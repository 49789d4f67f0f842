// Two images and a film from one to the other: shows the frame at α. stage.js and plot.js come before it.

const FRAMES = 101; // of the film, after the two ends

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const image = await openSheet(data.sheet);
  const frame = (alpha) => image(2 + Math.round((FRAMES - 1) * alpha));
  const film = openFilm(root, { label: "α", low: 0, high: 1, move: (alpha) => write(controls.alpha, alpha) });
  for (let i = 0; i < 11; i++) put(film.canvas, frame(i / 10), i);
  const [first, decoded, second] = ["first image", "decoded", "second image"].map((title) =>
    picture(root, title, { side: 196 }),
  );
  put(first, image(0));
  put(second, image(1));
  return follow(() => {
    const alpha = read(controls.alpha);
    put(decoded, frame(alpha));
    decoded.setAttribute("aria-label", `decoded at alpha ${alpha.toFixed(2)}`);
    film.set(alpha, `α = ${alpha.toFixed(2)}`);
    note.textContent = `The decoder at (1 − α) · first code + α · second code, α = ${alpha.toFixed(2)}`;
  });
}

export default { render };
