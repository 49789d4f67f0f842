// A place of a latent plane, and the image decoded there. stage.js, network.js and plot.js come before it.

async function render(context) {
  const { data, controls, decoder, root, note, follow } = await openStage(context);
  const { x, y, names } = data;
  const label = "codes, each drawn as its digit";
  const map = createPlot(root, { x, y, names, label, title: "drag the ring", width: 430, height: 385 });
  drawDots(map, { points: floats(data.points), digits: bytes(data.digits) });
  const decoded = picture(root, "decoded", { side: 252 });
  const place = handle(map, {
    label: "the code that is decoded",
    draw: ring,
    steps: [(x[1] - x[0]) / 50, (y[1] - y[0]) / 50],
    move(z1, z2) {
      write(controls.z1, z1);
      write(controls.z2, z2);
    },
  });
  return follow(() => {
    const z = [read(controls.z1), read(controls.z2)];
    const words = `The decoder at z = (${signed(z[0], 2)}, ${signed(z[1], 2)})`;
    place.set(...z, words);
    decoder(decoded, z);
    decoded.setAttribute("aria-label", words);
    note.textContent = words;
  });
}

export default { render };
