// A threshold on an anomaly score, to drag: what it finds, what passes, and its false alarms.
// stage.js and plot.js come before it.

const BINS = 40;
const SHOWN = 12; // images of each mistake

async function render(context) {
  const { data, controls, root, note, follow } = await openStage(context);
  const { name, low, high } = data;
  const [normal, anomalous] = await Promise.all(["normal", "anomalous"].map((group) => openGroup(data[group])));
  const counts = [normal, anomalous].map(({ scores }) => histogram(scores, low, high));
  const most = Math.max(...counts.flat());
  const plot = createPlot(root, {
    x: [low, high], y: [0, 1.3 * most], names: [name, "images"], label: `histograms of ${name}`, width: 420, height: 330,
    title: "drag the dashed line",
  });
  drawBars(plot, counts[0], "fill latent faint");
  drawBars(plot, counts[1], "fill open");
  word(plot, "normal", high, 1.2 * most, "latent", "end");
  word(plot, "anomalous", high, 1.08 * most, "prior", "end");
  const sides = element("div", root, { class: "column" });
  const [missed, alarms] = ["anomalies that pass, closest below", "false alarms, closest above"].map((title) =>
    picture(sides, title, { rows: 2, columns: SHOWN / 2, side: 62 }),
  );
  const line = handle(plot, {
    label: "threshold",
    draw(group) {
      const height = plot.box[3] - plot.box[1];
      shape("path", group, { class: "curve dashed", d: `M0,0V${-height}` });
      shape("rect", group, { class: "target", x: -15, y: -height, width: 30, height });
      shape("circle", group, { class: "point", r: 8 });
    },
    steps: [(high - low) / 200, 0],
    move: (score) => write(controls.threshold, score),
  });

  return follow(() => {
    const threshold = read(controls.threshold);
    const above = anomalous.sorted.filter(({ score }) => score > threshold).length;
    const raised = normal.sorted.filter(({ score }) => score > threshold);
    const passed = anomalous.sorted.filter(({ score }) => score <= threshold).reverse();
    for (const [canvas, group, rows] of [[missed, anomalous, passed], [alarms, normal, raised]])
      for (let i = 0; i < SHOWN; i++) put(canvas, rows[i] && group.image(rows[i].place), i);
    const all = above + raised.length;
    const precision = all ? `precision ${percent(above / all)}` : "no alarm, no precision";
    const words = `Above ${signed(threshold, 2)} are ${above} of ${anomalous.count} anomalies and ${raised.length} of ` +
      `${normal.count} normal images: ${precision}, recall ${percent(above / anomalous.count)}`;
    line.set(threshold, 0, words);
    note.textContent = words;
  });
}

const percent = (share) => `${Math.round(100 * share)} %`;

/** The scores of a group, in their order, and its images. */
async function openGroup({ scores, sheet }) {
  const values = floats(scores);
  const sorted = Array.from(values, (score, place) => ({ score, place })).sort((a, b) => a.score - b.score);
  return { scores: values, sorted, count: values.length, image: await openSheet(sheet) };
}

/** How many scores fall into each of the bins; those outside count at the ends. */
function histogram(scores, low, high) {
  const counts = Array(BINS).fill(0);
  scores.forEach((score) => counts[clamp(Math.floor(((score - low) / (high - low)) * BINS), 0, BINS - 1)]++);
  return counts;
}

function drawBars(plot, counts, look) {
  const [low, high] = plot.x;
  const edge = (i) => low + (i * (high - low)) / BINS;
  const outline = counts.flatMap((count, i) => [[edge(i), count], [edge(i + 1), count]]);
  shape("path", plot.inner, { class: look, d: `${through(plot, [[low, 0], ...outline, [high, 0]])}Z` });
}

export default { render };
