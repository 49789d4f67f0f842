// The film of a training: codes as dots that move, and both terms of the loss as curves with a mark to drag.
// stage.js and plot.js come before it.

const MOVIE = 6000; // milliseconds from the first step to the last

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { unit, limit, reconstruction, kl } = data;
  const digits = bytes(data.digits);
  const moves = new Int16Array(bytes(data.moves).slice().buffer);
  const count = digits.length;
  const moments = reconstruction.length;
  const map = createPlot(root, {
    x: [-limit, limit], y: [-limit, limit], names: ["latent z₁", "latent z₂"], label: "the codes", width: 380, height: 360,
  });
  const side = element("div", root, { class: "column" });
  const most = 1.1 * Math.max(...reconstruction.slice(1));
  const terms = createPlot(side, {
    x: [0, moments - 1], y: [0, most], names: ["moment (early ones are closer together)", "nats per image"], label: "both terms of the loss",
    width: 410, height: 280, title: "drag the mark",
  });
  for (const [values, look, name] of [[reconstruction, "decoder", "reconstruction"], [kl, "kl", "KL"]]) {
    curve(terms, look, values.map((value, i) => [i, value]));
    word(terms, name, moments - 1, values.at(-1), look, "end", 16);
  }
  const play = element("button", side, { type: "button" }, "play");
  const mark = handle(terms, {
    label: "moment",
    draw(group) {
      const height = terms.box[3] - terms.box[1];
      shape("path", group, { class: "curve dashed", d: `M0,0V${-height}` });
      shape("circle", group, { class: "point", r: 8 });
    },
    steps: [1, 0],
    move: (moment) => write(controls.time, Math.round(moment)),
  });

  let playing = null;
  play.addEventListener("click", () => {
    if (playing) return stop();
    play.textContent = "pause";
    const began = performance.now();
    const frame = (now) => {
      const share = Math.min((now - began) / MOVIE, 1);
      write(controls.time, Math.round(share * (moments - 1)));
      playing = share < 1 ? requestAnimationFrame(frame) : stop();
    };
    playing = requestAnimationFrame(frame);
  });
  const stop = () => {
    cancelAnimationFrame(playing);
    playing = null;
    play.textContent = "play";
    return null;
  };

  const drawMap = underlay(map, (context, colours) => {
    [context.textAlign, context.textBaseline, context.font] = ["center", "middle", "bold 10px system-ui, sans-serif"];
    for (let i = 0, at = read(controls.time) * count * 2; i < count; i++, at += 2) {
      const [x, y] = [moves[at] * unit, moves[at + 1] * unit];
      if (Math.abs(x) > limit || Math.abs(y) > limit) continue;
      context.fillStyle = colours.digits[digits[i]];
      context.fillText(digits[i], map.left(x), map.top(y));
    }
  });
  const end = follow(() => {
    const moment = read(controls.time);
    drawMap();
    const words = `moment ${moment} of ${moments - 1}: reconstruction ${reconstruction[moment].toFixed(1)} + KL ` +
      `${kl[moment].toFixed(2)} = ${(reconstruction[moment] + kl[moment]).toFixed(1)} nats per image`;
    mark.set(moment, 0, words);
    note.textContent = words;
  });
  return () => {
    end();
    stop();
  };
}

export default { render };
