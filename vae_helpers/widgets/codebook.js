// An image as 7 x 7 codes: a grid to choose a place, and a codebook to choose what stands there. stage.js, network.js
// and plot.js come before it.

const SIDE = 7;

async function render(context) {
  const { data, controls, decoder, root, note, follow } = await openStage(context);
  const { codes, entries, width } = data;
  const book = floats(data.book);
  const written = () => controls.written.get("value").split(" ").map(Number);
  const rewrite = (numbers) => {
    controls.written.set("value", numbers.join(" "));
    tellKernel(controls.written);
  };

  const left = element("div", root, { class: "column" });
  const decoded = picture(left, "decoded", { side: 280 });
  const buttons = element("div", left, { class: "buttons" });
  element("button", buttons, { type: "button" }, "another image").addEventListener("click", () => {
    const chosen = (read(controls.chosen) + 1) % codes.length;
    write(controls.chosen, chosen);
    rewrite(codes[chosen]);
  });
  element("button", buttons, { type: "button" }, "undo all").addEventListener("click", () => {
    rewrite(codes[read(controls.chosen)]);
  });

  const grid = createPlot(root, {
    x: [0, SIDE], y: [0, SIDE], label: "the 49 codes", title: "its 49 codes: choose a place", width: 330, height: 340,
    box: [10, 24, 320, 334],
  });
  for (let line = 0; line <= SIDE; line++) {
    curve(grid, "grid", [[line, 0], [line, SIDE]]);
    curve(grid, "grid", [[0, line], [SIDE, line]]);
  }
  const numbers = Array.from({ length: SIDE * SIDE }, (_, place) => {
    const text = word(grid, "", (place % SIDE) + 0.5, SIDE - Math.floor(place / SIDE) - 0.5, "", "middle", -5);
    text.style.pointerEvents = "none";
    return text;
  });
  const half = (grid.left(1) - grid.left(0)) / 2;
  const mark = handle(grid, {
    label: "the place",
    draw: (group) => shape("rect", group, { class: "fill open", x: -half, y: -half, width: 2 * half, height: 2 * half }),
    steps: [1, 1],
    move(x, y) {
      const [column, row] = [x, SIDE - y].map((at) => clamp(Math.floor(at), 0, SIDE - 1));
      write(controls.place, row * SIDE + column);
    },
  });

  const right = element("div", root, { class: "column" });
  element("div", right, {}, "what stands there? choose an entry");
  const shelf = element("div", right, { class: "codebook", role: "group", "aria-label": "the codebook" });
  const choices = Array.from({ length: entries }, (_, entry) => {
    const button = element("button", shelf, { type: "button", "aria-label": `entry ${entry}` });
    const canvas = imageCanvas(button, "");
    canvas.setAttribute("aria-hidden", "true");
    element("span", button, {}, entry);
    button.addEventListener("click", () => rewrite(written().with(read(controls.place), entry)));
    return { button, canvas };
  });

  const decode = (numbers) => {
    const input = new Float32Array(width * SIDE * SIDE);
    numbers.forEach((entry, at) => {
      for (let k = 0; k < width; k++) input[k * SIDE * SIDE + at] = book[entry * width + k];
    });
    return decoder.run(input);
  };
  const soon = workQueue(); // for the choices, which may wait
  let [shown, pixels] = ["", null];

  return follow(() => {
    const [now, place, own] = [written(), read(controls.place), codes[read(controls.chosen)]];
    if (shown !== (shown = `${now} ${own}`)) {
      put(decoded, (pixels = decode(now)));
      now.forEach((entry, at) => {
        numbers[at].textContent = entry;
        numbers[at].setAttribute("class", `word ${entry === own[at] ? "" : "prior"}`);
      });
    }
    soon(choices.map(({ canvas }, entry) => () => put(canvas, entry === now[place] ? pixels : decode(now.with(place, entry)))));
    choices.forEach(({ button }, entry) => button.setAttribute("aria-pressed", entry === now[place]));
    const changed = now.filter((entry, at) => entry !== own[at]).length;
    const [row, column] = [Math.floor(place / SIDE), place % SIDE];
    const words = `Row ${row + 1}, column ${column + 1} holds entry ${now[place]}; ${changed} of 49 codes changed`;
    mark.set(column + 0.5, SIDE - row - 0.5, words);
    decoded.setAttribute("aria-label", `the decoded image. ${words}`);
    note.textContent = words;
  });
}

export default { render };
