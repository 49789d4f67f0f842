// Walks from one image's code to another's, straight and along a great circle, in the latent spaces of one model or two.
// stage.js, network.js and plot.js come before it.

const STEPS = 10; // of a film
const KINDS = [
  { name: "straight", look: "latent", way: straightWay },
  { name: "great circle", look: "prior dashed", way: circleWay },
];

/** alpha => the code at that share of the straight line. */
function straightWay(start, end) {
  return (alpha) => start.map((value, j) => (1 - alpha) * value + alpha * end[j]);
}

/** The same, turning at an even rate from one direction to the other; null where no one great circle joins the ends. */
function circleWay(start, end) {
  const dot = (one, other) => one.reduce((sum, value, j) => sum + value * other[j], 0);
  const cosine = Math.min(1, dot(start, end) / Math.sqrt(dot(start, start) * dot(end, end)));
  if (!(cosine > -1 + 1e-12)) return null;
  const angle = Math.acos(cosine);
  if (angle < 1e-6) return straightWay(start, end);
  return (alpha) => {
    const [first, second] = [Math.sin((1 - alpha) * angle), Math.sin(alpha * angle)].map(
      (part) => part / Math.sin(angle),
    );
    return start.map((value, j) => first * value + second * end[j]);
  };
}

async function render(context) {
  const { data, controls, decoders, root, note, follow } = await openStage(context);
  const ends = [controls.first, controls.second];
  const digits = bytes(data.maps[0].digits);
  const maps = data.maps.map((map) =>
    openMap(root, map, ends, decoders[map.name], (alpha) => write(controls.alpha, alpha)),
  );
  const soon = workQueue();
  let walked = "";
  const stop = follow(() => {
    const [chosen, alpha] = [ends.map(read), read(controls.alpha)];
    if (walked !== (walked = `${chosen}`)) soon(maps.flatMap((map) => map.walk(chosen)));
    for (const map of maps) map.stand(alpha);
    const [first, second] = chosen.map((i) => `image ${i}, a ${digits[i]}`);
    note.textContent = `From ${first}, to ${second}: the decoders at α = ${alpha.toFixed(2)} of the way`;
  });
  return () => (soon([]), stop());
}

/** A map with its two ends, and the films along both ways between them. */
function openMap(root, { name, x, y, codes, centre, axes, points, digits }, ends, decoder, setAlpha) {
  const row = element("div", root, { class: "row" });
  const [width, height] = onPhone() ? [175, 120] : [270, 236];
  const plot = createPlot(row, {
    x,
    y,
    title: `${name}: drag the rings`,
    label: `${name}: codes, each drawn as its digit`,
    width,
    height,
    box: [2, 22, width - 2, height - 2],
  });
  [points, centre, axes, codes] = [points, centre, axes, codes].map(floats);
  digits = bytes(digits);
  drawDots(plot, { points, digits });
  const [latents, count] = [centre.length, digits.length];
  const codeOf = (i) => codes.slice(i * latents, (i + 1) * latents);
  const place = (code) =>
    [0, 1].map((k) => code.reduce((sum, value, j) => sum + (value - centre[j]) * axes[k * latents + j], 0));
  const nearest = (across, up) => {
    const far = (i) =>
      Math.hypot(plot.left(points[2 * i]) - plot.left(across), plot.top(points[2 * i + 1]) - plot.top(up));
    return Array.from({ length: count }, (_, i) => i).reduce((one, other) => (far(other) < far(one) ? other : one));
  };
  const column = element("div", row, { class: "column" });
  const films = KINDS.map((kind) => openWalk(column, plot, kind, decoder, setAlpha));
  const label = "size of each step";
  const names = ["step", "pixels"];
  const steps = createPlot(row, {
    x: [0.5, STEPS + 0.5],
    y: [0, 14],
    names,
    label,
    title: label,
    width: 190,
    height: 236,
    phone: [160, 120],
  });
  const curves = KINDS.map(({ look }) => curve(steps, look));
  const rings = ends.map((control, k) =>
    handle(plot, {
      label: `${["first", "second"][k]} image, on the map of the ${name}`,
      draw(group) {
        ring(group);
        shape("text", group, { class: "word on-line", x: 12, y: onPhone() ? 22 : -8 }, `${k + 1}`);
      },
      steps: [(x[1] - x[0]) / 12, (y[1] - y[0]) / 12],
      move: (across, up) => write(control, nearest(across, up)),
    }),
  );
  return {
    /** Go from one image to another; returns what is left to do, bit by bit. */
    walk(chosen) {
      rings.forEach((one, k) => {
        const i = chosen[k];
        one.set(points[2 * i], points[2 * i + 1], `image ${i}, a ${digits[i]}`);
      });
      return films.flatMap((film, k) => {
        curves[k].set([]);
        return film.walk(...chosen.map(codeOf), place, (sizes) => curves[k].set(sizes.map((size, i) => [i + 1, size])));
      });
    },
    stand: (alpha) => films.forEach((film) => film.stand(alpha, place)),
  };
}

/** One way through one model: its line on the map, its film, the image at alpha. */
function openWalk(parent, plot, { name, look, way }, decoder, setAlpha) {
  const line = curve(plot, look);
  const dot = shape("circle", plot.svg, { class: `fill ${look}`, r: 6 });
  const figure = element("figure", parent);
  const caption = element("figcaption", figure, { style: `color: var(--${look.split(" ")[0]})` }, name);
  const row = element("div", figure, { class: "row" });
  const film = openFilm(row, { label: `α, ${name}`, low: 0, high: 1, move: setAlpha, width: 352, phone: 276, title: "" });
  const image = picture(row, "", { side: 66, label: `${name}, at α` });
  let along = null;
  return {
    walk(start, end, place, measured) {
      along = way(start, end);
      line.set(along ? Array.from({ length: 41 }, (_, i) => place(along(i / 40))) : []);
      caption.textContent = along ? name : `${name}: none, for the codes lie opposite to each other`;
      const frames = [];
      return Array.from({ length: STEPS + 1 }, (_, i) => () => {
        if (!along) return put(film.canvas, null, i);
        if (!decoder.run) return decoder(film.canvas, along(i / STEPS), i); // the kernel's pixels come later
        frames.push(decoder.run(along(i / STEPS)));
        put(film.canvas, frames[i], i);
        if (i < STEPS) return;
        const sizes = frames.slice(1).map((frame, k) => distance(frame, frames[k]));
        caption.textContent = `${name}: ${sum(sizes).toFixed(1)} pixels long, its largest step ${Math.max(...sizes).toFixed(1)}`;
        measured(sizes);
      });
    },
    stand(alpha, place) {
      film.set(alpha, `α = ${alpha.toFixed(2)}`);
      dot.style.display = along ? "" : "none";
      if (!along) return put(image, null);
      const [across, up] = place(along(alpha));
      dot.setAttribute("cx", plot.left(across));
      dot.setAttribute("cy", plot.top(up));
      decoder(image, along(alpha));
    },
  };
}

const distance = (one, other) => Math.sqrt(one.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0));
const sum = (values) => values.reduce((one, other) => one + other, 0);

export default { render };
