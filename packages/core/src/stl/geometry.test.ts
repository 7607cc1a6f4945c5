import { describe, expect, it } from 'vitest';
import { type NetworkName, createNetwork, strideOf } from '../network/index.js';
import { runGraph } from '../testing/run-graph.js';
import { buildInference, inferenceNames, parseMethod } from './index.js';

/** Where the activation map's mass lies, in input pixels, for one bright pixel and equal positive weights. */
async function centroidOf(name: NetworkName, side: number, column: number, row: number): Promise<[number, number]> {
  const network = createNetwork(name);
  const { graph } = buildInference(
    { method: parseMethod('AvePool'), network, classes: 2, sharpness: 10, width: side, height: side },
    (target, { name: parameter, shape, fanIn }) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return target.constant(parameter, new Float32Array(size).fill(fanIn > 0 ? 1 / fanIn : 0), shape);
    },
  );
  const image = new Float32Array(side * side);
  image[row * side + column] = 1000;
  const results = await runGraph(graph, { [inferenceNames.images]: image });
  const map = results[inferenceNames.activationMaps];
  const [, , rows = 0, columns = 0] = map?.shape ?? [];
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < rows * columns; i++) {
    const value = map?.data[i] ?? Number.NaN;
    mass += value;
    x += value * ((i % columns) + 0.5) * strideOf(network);
    y += value * (Math.floor(i / columns) + 0.5) * strideOf(network);
  }
  return [x / mass, y / mass];
}

// The receptive fields lie wholly inside these images, so that no border cuts them.
describe('a bright pixel comes out of the network where it went in', () => {
  it.each([
    ['small', 256, 128, 128],
    ['small', 256, 141, 118],
    ['compact', 576, 288, 288],
    ['compact', 576, 301, 270],
  ] as const)('%s, %i pixels, column %i, row %i: to an eighth of a cell', async (name, side, column, row) => {
    const [x, y] = await centroidOf(name, side, column, row);
    const tolerance = strideOf(createNetwork(name)) / 8;
    expect(Math.abs(x - (column + 0.5))).toBeLessThan(tolerance);
    expect(Math.abs(y - (row + 0.5))).toBeLessThan(tolerance);
  });
});
