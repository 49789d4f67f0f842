// One code, decoded with each of ten labels: buttons for the label, a map for two latents. stage.js, network.js and
// plot.js come before it.

const DIGITS = 10;

async function render(context) {
  const { data, controls, decoder, root, note, follow } = await openStage(context);
  const { codes, moved, labels } = data;
  const originals = floats(data.images);
  const left = element("div", root, { class: "column" });
  const original = picture(left, "this hand", { side: 168 });
  const another = element("button", left, { type: "button" }, "another hand");
  another.addEventListener("click", () => {
    const hand = (read(controls.hand) + 1) % codes.length;
    write(controls.hand, hand);
    write(controls.z1, codes[hand][moved[0]], true);
    write(controls.z2, codes[hand][moved[1]], true);
    write(controls.label, labels[hand]);
  });
  const names = moved.map((j) => `latent z${j + 1}`);
  const map = createPlot(root, {
    x: [-3, 3], y: [-3, 3], names, label: "two latents of the code", title: "drag the point", width: 330, height: 310, phone: [340, 270],
  });
  for (const radius of [1, 2]) {
    const size = { cx: map.left(0), cy: map.top(0), rx: map.left(radius) - map.left(0), ry: map.top(0) - map.top(radius) };
    shape("ellipse", map.inner, { class: "curve prior dotted", ...size });
  }
  word(map, "1σ and 2σ of the prior", -2.9, 2.65, "prior");
  const place = handle(map, {
    label: "two latents of the code",
    draw: (group) => shape("circle", group, { class: "point", r: 9 }),
    steps: [0.1, 0.1],
    move(z1, z2) {
      write(controls.z1, z1, true);
      write(controls.z2, z2, true);
    },
  });
  const decoded = picture(root, "decoded with the label", { side: 250 });

  const below = element("div", root, { class: "column" });
  const buttons = element("div", below, { class: "buttons labels", role: "group", "aria-label": "the label" });
  const choices = Array.from({ length: DIGITS }, (_, digit) => {
    const button = element("button", buttons, { type: "button" }, digit);
    button.addEventListener("click", () => write(controls.label, digit));
    return button;
  });
  const row = picture(below, "", { columns: DIGITS, side: 70, label: "the same code with each of the ten labels" });

  const pixels = IMAGE * IMAGE;
  let rest = null; // of a move: the row is drawn one frame after the image
  return follow(() => {
    const [hand, label] = [read(controls.hand), read(controls.label)];
    const code = [...codes[hand]];
    [code[moved[0]], code[moved[1]]] = [read(controls.z1), read(controls.z2)];
    put(original, originals.subarray(hand * pixels, (hand + 1) * pixels));
    const decode = (digit) => decoder.run([...code, ...Array.from({ length: DIGITS }, (_, k) => +(k === digit))]);
    put(decoded, decode(label));
    cancelAnimationFrame(rest);
    rest = requestAnimationFrame(() => choices.forEach((_, digit) => put(row, decode(digit), digit))); // ten decodes
    choices.forEach((button, digit) => button.setAttribute("aria-pressed", digit === label));
    const words = `Decoded with the label “${label}”, at ${names[0].slice(7)} = ${signed(code[moved[0]], 2)}, ` +
      `${names[1].slice(7)} = ${signed(code[moved[1]], 2)}; below, the same code with each label`;
    place.set(code[moved[0]], code[moved[1]], words);
    decoded.setAttribute("aria-label", words);
    note.textContent = words;
  });
}

export default { render };
