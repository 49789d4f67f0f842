// One latent of an image's code, set to other values: a film, and the image at the mark.
// stage.js, network.js and plot.js come before it.

const FRAMES = 11; // from −3 to 3

async function render(context) {
  const { data, controls, decoder, root, note, follow } = await openStage(context);
  const { code, order, names } = data; // order: the latents as the choice lists them
  const strip = openFilm(root, { label: "the latent's value", low: -3, high: 3, move: (value) => write(controls.value, Math.round(10 * value) / 10) });
  const [image, reconstruction, now] = ["image", "reconstruction", "with the latent at the mark"].map((title) =>
    picture(root, title, { side: 168 }),
  );
  put(image, floats(data.image));
  decoder(reconstruction, code);
  const at = (latent, value) => code.map((own, j) => (j === latent ? value : own));
  let shown = null;
  return follow(() => {
    const [latent, value] = [order[read(controls.latent)], read(controls.value)];
    if (latent !== shown)
      for (let i = 0; i < FRAMES; i++) decoder(strip.canvas, at(latent, -3 + (6 * i) / (FRAMES - 1)), i);
    shown = latent;
    decoder(now, at(latent, value));
    const words = `${names[latent]} = ${signed(value, 1)}; the encoder gives this image ${signed(code[latent], 1)}`;
    strip.set(value, words);
    note.textContent = words;
  });
}

export default { render };
