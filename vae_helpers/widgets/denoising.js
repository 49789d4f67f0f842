// Codes on their way from noise, decoded: a strip of one of them, and a sheet of all at one moment. stage.js and
// plot.js come before it.

const MOVIE = 3000; // milliseconds from noise to code
const FRAMES = 11;

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { count, moments, columns } = data;
  const image = await openSheet(data.sheet); // moment by moment
  const last = moments - 1;
  const strip = openFilm(root, {
    label: "share of the way from noise", low: 0, high: 1, move: (share) => write(controls.moment, Math.round(last * share)),
  });
  for (let i = 0; i < FRAMES; i++) put(strip.canvas, image(Math.round((last * i) / (FRAMES - 1)) * count), i);
  const rows = Math.ceil(count / columns);
  const sheet = picture(root, "all of them, decoded now", { rows, columns, side: 84 });
  const play = element("button", root, { type: "button" }, "play");

  let playing = null;
  const stop = () => {
    cancelAnimationFrame(playing);
    playing = null;
    play.textContent = "play";
    return null;
  };
  play.addEventListener("click", () => {
    if (playing) return stop();
    play.textContent = "pause";
    const began = performance.now();
    const frame = (now) => {
      const share = clamp((now - began) / MOVIE, 0, 1);
      write(controls.moment, Math.round(share * last));
      playing = share < 1 ? requestAnimationFrame(frame) : stop();
    };
    playing = requestAnimationFrame(frame);
  });

  const end = follow(() => {
    const moment = read(controls.moment);
    for (let k = 0; k < count; k++) put(sheet, image(moment * count + k), k);
    const words = `Moment ${moment} of ${last}: ${moment ? (moment < last ? "part noise, part code" : "codes") : "noise alone, a draw of the prior"}`;
    strip.set(moment / last, words);
    sheet.setAttribute("aria-label", words);
    note.textContent = words;
  });
  return () => {
    end();
    stop();
  };
}

export default { render };
