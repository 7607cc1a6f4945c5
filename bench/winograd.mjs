// @ts-check
/**
 * Winograd's minimal filtering F(4x4, 3x3) (Lavin & Gray, CVPR 2016) in ONNX ops against the convolution in use, layer by
 * layer of the networks' 3x3 convolutions, forward, with the weight transformed at every run as training has to:
 *
 *     npm run bench -- --winograd [--threads N] [--only TEXT]
 */
import * as onnxruntime from 'onnxruntime-node';
import { Random, chooseLowering, createSession } from '@weakspot/core';
import { Graph, conv2d, encodeOnnx, float32, opTable } from '@weakspot/core/graph';
import { renderTable } from 'weakspot';
import { trainingStepOf } from './cases.mjs';

const PAIRS = 15;
/** Output pixels along a tile's side, and input pixels. */
const OUT = 4;
const IN = 6;

const inputTransform = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const weightTransform = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];
const outputTransform = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** A transform along both axes as one matrix over row-major tiles. @param {number[][]} matrix */
function both(matrix) {
  return matrix.flatMap((left) => matrix.map((top) => left.flatMap((a) => top.map((b) => a * b))));
}

/** A tile's pixels in the order in which its parts are joined: own block, block to the right, below, and diagonal. */
const joined = [
  [0, 4, 0, 4],
  [0, 4, 4, 6],
  [4, 6, 0, 4],
  [4, 6, 4, 6],
].flatMap(([y0 = 0, y1 = 0, x0 = 0, x1 = 0]) => {
  const places = [];
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) places.push(y * IN + x);
  return places;
});

/** The rule of conv2d with another ONNX form, for 3x3 kernels at stride 1. @type {any} */
const winograd = {
  ...opTable.conv2d,
  emit: (/** @type {any} */ emitter, /** @type {any} */ node) => {
    const [x, weight, bias] = node.inputs;
    const [n, c, h, w] = x.type.shape;
    const [k] = weight.type.shape;
    const [, , oh, ow] = node.outputs[0].type.shape;
    const [top, left] = node.attributes.pads;
    const [rows, columns] = [Math.ceil(oh / OUT), Math.ceil(ow / OUT)];
    const ints = (/** @type {number[]} */ values) => emitter.int64s(values);
    const matrix = (/** @type {number[][]} */ m) => emitter.floats(m.flat(), [m.length, m[0]?.length ?? 0]);
    const make = emitter.make.bind(emitter);

    const [bottom, right] = [OUT * (rows + 1) - h - top, OUT * (columns + 1) - w - left];
    const padded = make('Pad', [x.name, ints([0, 0, top, left, 0, 0, bottom, right])]);
    const blocks = make('SpaceToDepth', [padded], { blocksize: OUT });
    const split = make('Reshape', [blocks, ints([n, OUT, OUT, c, rows + 1, columns + 1])]);
    const part = (/** @type {number} */ below, /** @type {number} */ beside) => {
      const [y, z] = [below ? IN - OUT : OUT, beside ? IN - OUT : OUT];
      const starts = ints([0, 0, below, beside]);
      const ends = ints([y, z, rows + below, columns + beside]);
      const cut = make('Slice', [split, starts, ends, ints([1, 2, 4, 5])]);
      return make('Reshape', [cut, ints([n, y * z, c * rows * columns])]);
    };
    const tiles = make('Concat', [part(0, 0), part(0, 1), part(1, 0), part(1, 1)], { axis: 1 });
    const forInput = both(inputTransform).map((row) => joined.map((place) => row[place] ?? 0));
    const transformed = make('MatMul', [matrix(forInput), tiles]);
    const inputs4 = make('Reshape', [transformed, ints([n, IN * IN, c, rows * columns])]);
    const inputs = make('Reshape', [
      make('Transpose', [inputs4], { perm: [1, 2, 0, 3] }),
      ints([IN * IN, c, n * rows * columns]),
    ]);

    const taps = make('Transpose', [make('Reshape', [weight.name, ints([k * c, 9])])], { perm: [1, 0] });
    const weights = make('Reshape', [make('MatMul', [matrix(both(weightTransform)), taps]), ints([IN * IN, k, c])]);
    const products = make('Reshape', [make('MatMul', [weights, inputs]), ints([IN * IN, k * n * rows * columns])]);
    const outputs = make('Reshape', [
      make('MatMul', [matrix(both(outputTransform)), products]),
      ints([OUT * OUT, k, n, rows * columns]),
    ]);
    const depth = make('Reshape', [
      make('Transpose', [outputs], { perm: [2, 0, 1, 3] }),
      ints([n, OUT * OUT * k, rows, columns]),
    ]);
    const whole = make('DepthToSpace', [depth], { blocksize: OUT, mode: 'DCR' });
    const y = make('Slice', [whole, ints([0, 0]), ints([oh, ow]), ints([2, 3])]);
    emitter.add('Add', [y, make('Reshape', [bias.name, ints([1, k, 1, 1])])], [node.outputs[0].name]);
  },
};

/**
 * Prints a table: milliseconds of both forms, their ratio, and the largest difference over the largest output.
 * @param {readonly import('./cases.mjs').Case[]} cases @param {number} threads
 */
export async function compareWinograd(cases, threads) {
  const lowering = await chooseLowering(onnxruntime, 'cpu');
  const rows = [];
  for (const benchmark of cases) {
    for (const node of trainingStepOf(benchmark).graph.nodes) {
      if (node.op !== 'conv2d') continue;
      const [x, weight] = node.inputs;
      if (x === undefined || weight === undefined || weight.type.shape[2] !== 3) continue;
      rows.push([
        `${benchmark.network} ${benchmark.size}x${benchmark.size} batch ${benchmark.batch}, ${node.name}`,
        ...(await compareLayer(x.type.shape, weight.type.shape, lowering, threads)),
      ]);
    }
  }
  console.log(renderTable(['Layer', 'In use ms', 'Winograd ms', 'Ratio', 'Difference'], rows));
}

/** @param {readonly number[]} x @param {readonly number[]} w @param {any} lowering @param {number} threads */
async function compareLayer(x, w, lowering, threads) {
  const random = new Random(1, 'winograd');
  const filled = (/** @type {readonly number[]} */ shape) => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  });
  const feeds = { x: filled(x), w: filled(w), b: filled([w[0] ?? 0]) };
  const open = async (/** @type {any} */ table) => {
    const graph = new Graph(table);
    const value = (/** @type {'x' | 'w' | 'b'} */ name) => graph.input(name, float32(feeds[name].shape));
    graph.output('y', conv2d(value('x'), value('w'), value('b'), { strides: [1, 1], pads: [1, 1, 1, 1] }));
    return createSession(onnxruntime, encodeOnnx(graph, { lowering }), { threads });
  };
  const [inUse, other] = [await open(opTable), await open({ ...opTable, conv2d: winograd })];
  const [a, b] = [(await inUse.run(feeds))['y'], (await other.run(feeds))['y']];
  let [most, difference] = [0, 0];
  a?.data.forEach((value, i) => {
    most = Math.max(most, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - (b?.data[i] ?? Number.NaN)));
  });
  /** @type {[number[], number[]]} */
  const times = [[], []];
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const side of pair % 2 === 0 ? [0, 1] : [1, 0]) {
      const began = performance.now();
      await (side === 0 ? inUse : other).run(feeds);
      times[side]?.push(performance.now() - began);
    }
  }
  await inUse.release();
  await other.release();
  const [first = 0, second = 0] = times.map((all) => all.toSorted((p, q) => p - q)[Math.floor(PAIRS / 2)] ?? 0);
  return [first.toFixed(2), second.toFixed(2), (first / second).toFixed(2), (difference / most).toExponential(1)];
}
