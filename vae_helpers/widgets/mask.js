// Missing pixels: what each method fills in, worked out beforehand, and a mask to rub out by hand, for which the most
// probable code is searched for in the page. stage.js and network.js come before it.

const STEPS = 120; // of Adam, for a mask of one's own
const GREY = 0.4; // of a missing pixel

async function render(context) {
  const { data, controls, decoder, root, note, glide, follow } = await openStage(context);
  const { methods, maskNames, count } = data;
  const sheet = await openSheet(data.sheet); // images; then for each mask: of each method all images, and 6 x images
  const masks = maskNames.map((_, m) => bytes(data.masks).subarray(m * 784, (m + 1) * 784));
  const perMask = (methods.length + 6) * count;
  const side = 134;
  const image = picture(root, "image", { side });
  const seen = picture(root, "seen: rub here", { side, label: "the seen pixels; rub some out" });
  const answers = methods.map((method) => picture(root, method, { side }));
  const live = decoder.gradient && picture(root, "latent MAP, in the page", { side });
  const completions = picture(root, "six plausible completions", { columns: 6, side });
  let own = null; // a mask that was rubbed out
  let search = null;

  const draw = () => {
    const [number, m] = [read(controls.image), read(controls.mask)];
    const original = sheet(number);
    const mask = own ?? masks[m];
    put(image, original);
    put(seen, original.map((pixel, i) => (mask[i] ? pixel : GREY)));
    answers.forEach((canvas, k) => put(canvas, own ? null : sheet(count + m * perMask + k * count + number)));
    for (let k = 0; k < 6; k++)
      put(completions, own ? null : sheet(count + m * perMask + (methods.length + k) * count + number), k);
    const errors = methods.map((method, k) => {
      const error = meanError(sheet(count + m * perMask + k * count + number), original, mask);
      return `${method} ${error.toFixed(3)}`;
    });
    note.textContent = own
      ? `Image ${number + 1}, with your own mask. Only the search in the page knows it; move a slider to go back.`
      : `Image ${number + 1}, missing: ${maskNames[m]}. Mean squared error of the missing pixels: ${errors.join(", ")}`;
    if (live) fillIn(original, mask);
  };

  const fillIn = (original, mask) => {
    cancelAnimationFrame(search);
    const code = new Float64Array(decoder.width);
    const [mean, square] = [new Float64Array(code.length), new Float64Array(code.length)];
    let step = 0;
    const frame = () => {
      for (let k = 0; k < 3 && step < STEPS; k++) {
        step++;
        const slope = decoder.gradient(code, original, mask); // of −log p(seen | z)
        for (let j = 0; j < code.length; j++) {
          const total = slope[j] + code[j]; // −log p(z) adds z
          mean[j] = 0.9 * mean[j] + 0.1 * total;
          square[j] = 0.999 * square[j] + 0.001 * total ** 2;
          code[j] -= (0.1 * (mean[j] / (1 - 0.9 ** step))) / (Math.sqrt(square[j] / (1 - 0.999 ** step)) + 1e-8);
        }
      }
      const filled = decoder.run(code);
      put(live, original.map((pixel, i) => (mask[i] ? pixel : filled[i])));
      if (step < STEPS) search = requestAnimationFrame(frame);
    };
    frame();
  };

  rubOut(seen, () => (own ??= masks[read(controls.mask)].slice()), () => glide(draw));
  const end = follow(() => {
    own = null;
    draw();
  });
  return () => {
    end();
    cancelAnimationFrame(search);
  };
}

function meanError(answer, original, mask) {
  let [sum, missing] = [0, 0];
  mask.forEach((known, i) => {
    if (known) return;
    sum += (answer[i] - original[i]) ** 2;
    missing++;
  });
  return missing ? sum / missing : 0;
}

/** Let a pointer take pixels out of the mask that `open` gives. */
function rubOut(canvas, open, draw) {
  const later = coalesce(draw);
  canvas.style.touchAction = "none";
  canvas.style.cursor = "crosshair";
  const rub = (event) => {
    const box = canvas.getBoundingClientRect();
    const [column, row] = [((event.clientX - box.left) / box.width) * IMAGE, ((event.clientY - box.top) / box.height) * IMAGE];
    const mask = open();
    for (let i = 0; i < mask.length; i++)
      if (Math.hypot((i % IMAGE) + 0.5 - column, Math.floor(i / IMAGE) + 0.5 - row) < 3) mask[i] = 0;
    later();
  };
  let held = false;
  canvas.addEventListener("pointerdown", (event) => {
    held = true;
    canvas.setPointerCapture(event.pointerId);
    rub(event);
  });
  canvas.addEventListener("pointermove", (event) => held && rub(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
}

export default { render };
