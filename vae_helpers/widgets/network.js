// A network of dense layers in the page, its weights quantized to 8 bits by row; network.py packs them.
// shared.js and stage.js come before it.

const ACTIVATIONS = { // each with its slope, given what comes in and what goes out
  none: [(x) => x, () => 1],
  relu: [(x) => (x > 0 ? x : 0), (x) => (x > 0 ? 1 : 0)],
  silu: [(x) => x / (1 + Math.exp(-x)), (x, y) => (x ? y / x : 0.5) * (1 + x - y)],
  tanh: [Math.tanh, (x, y) => 1 - y * y],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x, y) => y * (1 - y)],
};

/** A function (canvas, code, place) that decodes a code and puts the image on a canvas. It also has `run`, code =>
 *  pixels, and `gradient`. Where the model is no stack of dense layers, the kernel decodes and it has neither; of several
 *  codes that wait for one place, only the last is shown. */
async function openNetwork(model) {
  if (!model.get("layers").length) return askKernel(model);
  const layers = await unpack(model);
  const run = (code) => layers.reduce((input, layer) => applyLayer(layer, input).output, code);
  const show = (canvas, code, place) => put(canvas, run(code), place);
  return Object.assign(show, { run, width: layers[0].columns, gradient: (...given) => gradient(layers, ...given) });
}

async function unpack(model) {
  const packed = new Blob([bytes(model.get("weights"))]).stream().pipeThrough(new DecompressionStream("deflate"));
  const weights = Float32Array.from(new Int8Array(await new Response(packed).arrayBuffer())); // faster to multiply
  const numbers = floats(model.get("rows")); // of each layer: a scale for each row, then a bias for each row
  let [weight, number] = [0, 0];
  return model.get("layers").map(({ rows, columns, activation }) => ({
    rows,
    columns,
    activation: ACTIVATIONS[activation],
    weights: weights.subarray(weight, (weight += rows * columns)), // column by column
    scales: numbers.subarray(number, (number += rows)),
    biases: numbers.subarray(number, (number += rows)),
  }));
}

function applyLayer({ rows, activation: [activate], weights, scales, biases }, input) {
  const products = product(weights, rows, input);
  const sums = scales.map((scale, row) => products[row] * scale + biases[row]);
  return { sums, output: sums.map(activate) };
}

/** The weights of a layer times an input: a sum of columns, four at a time, without those that the input multiplies by 0,
 *  which after a ReLU are most. */
function product(weights, rows, input) {
  const [starts, values] = [[], []];
  for (let column = 0; column < input.length; column++) {
    if (input[column] === 0) continue;
    starts.push(column * rows);
    values.push(input[column]);
  }
  while (values.length % 4) [starts, values].forEach((list) => list.push(0));
  const sums = new Float32Array(rows);
  for (let k = 0; k < values.length; k += 4) {
    const [a, b, c, d] = [starts[k], starts[k + 1], starts[k + 2], starts[k + 3]];
    const [p, q, r, s] = [values[k], values[k + 1], values[k + 2], values[k + 3]];
    for (let row = 0; row < rows; row++)
      sums[row] += p * weights[a + row] + q * weights[b + row] + r * weights[c + row] + s * weights[d + row];
  }
  return sums;
}

/** The gradient of −log p(x|z) with respect to the code z, over the pixels of the image x that the mask keeps, for
 *  Bernoulli pixels; the last activation is the sigmoid. */
function gradient(layers, code, image, mask) {
  const passed = [];
  let input = code;
  for (const layer of layers) {
    passed.push(applyLayer(layer, input));
    input = passed.at(-1).output;
  }
  let slope = input.map((pixel, i) => (mask[i] ? pixel - image[i] : 0)); // sigmoid and Bernoulli together
  for (let k = layers.length - 1; k >= 0; k--) {
    const { rows, columns, weights, scales } = layers[k];
    const shares = slope.map((value, row) => value * scales[row]);
    const own = k ? passed[k - 1].output.map((y, i) => layers[k - 1].activation[1](passed[k - 1].sums[i], y)) : code.map(() => 1);
    slope = new Float32Array(columns);
    for (let column = 0; column < columns; column++) {
      if (!own[column]) continue; // nothing passes a ReLU that is off
      let sum = 0;
      for (let row = 0, i = column * rows; row < rows; row++, i++) sum += shares[row] * weights[i];
      slope[column] = own[column] * sum;
    }
  }
  return slope;
}

function askKernel(model) {
  const waiting = new Map(); // canvas and place => the number of the last question
  const shows = new Map();
  let asked = 0;
  model.on("msg:custom", ({ number }, [pixels]) => {
    shows.get(number)?.(floats(pixels));
    shows.delete(number);
  });
  return (canvas, code, place = 0) => {
    const number = `${Math.random()}-${asked++}`; // several pages may ask one kernel
    const key = canvas;
    waiting.set(key, { ...waiting.get(key), [place]: number });
    shows.set(number, (pixels) => waiting.get(key)[place] === number && put(canvas, pixels, place));
    model.send({ number, code: [...code] });
  };
}
