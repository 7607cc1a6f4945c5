import { describe, expect, it } from 'vitest';
import { type Graph, type Value, lowerings } from '../graph/index.js';
import { type Network, type Parameter, createNetwork } from '../network/index.js';
import { runGraph } from '../testing/run-graph.js';
import {
  type ModelOptions,
  buildInference,
  buildLayerCam,
  inferenceNames,
  mapCells,
  methodNames,
  parseMethod,
} from './index.js';

const SIDE = 160;

function options(changes: Partial<ModelOptions> = {}): ModelOptions {
  const base = { method: parseMethod('STL+LSE'), network: createNetwork('compact'), classes: 2, sharpness: 1 };
  return { ...base, reference: 0, width: SIDE, height: SIDE, ...changes };
}

/**
 * Each convolution hands the first channel on, from the tap at its kernel's centre; the last one from `shift` taps below, so
 * that the activation map lies that many cells above what it is evidence of.
 */
function handOn(shift: number): (graph: Graph, parameter: Parameter) => Value {
  return (graph, { name, shape }) => {
    const [, , height = 1, width = 1] = shape;
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
    if (shape.length === 4) values[middle + (name === 'conv6.weight' ? shift * width : 0)] = 1;
    return graph.constant(name, values, shape);
  };
}

/** The cell of the second class's map with the highest value, as column and row in shares of the sides. */
async function peakOf({ graph }: { graph: Graph }, images: Float32Array): Promise<[number, number]> {
  const maps = (await runGraph(graph, { [inferenceNames.images]: images }, lowerings.webgpu))[
    inferenceNames.activationMaps
  ];
  const [, classes = 0, height = 0, width = 0] = maps?.shape ?? [];
  expect(classes).toBe(2);
  const values = [...(maps?.data.slice(height * width) ?? [])];
  const place = values.indexOf(Math.max(...values));
  return [((place % width) + 0.5) / width, (Math.floor(place / width) + 0.5) / height];
}

/** Dark, with a bright spot. */
function spot(x: number, y: number, sigma: number): Float32Array {
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const distance = Math.hypot((i % SIDE) + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
    return Math.exp(-((distance / sigma) ** 2) / 2);
  });
}

describe('buildLayerCam', () => {
  it('points to the evidence where the activation map lies beside it', async () => {
    const bright = spot(80, 112, 10);
    for (const shift of [-1, 0, 1]) {
      const [x, y] = await peakOf(buildInference(options(), handOn(shift)), bright);
      // Cells of 32 pixels: the spot is in the fourth row.
      expect([x, y]).toEqual([0.5, (3.5 - shift) / 5]);
      const [column, row] = await peakOf(buildLayerCam(options(), handOn(shift)), bright);
      expect(Math.hypot(column * SIDE - 80, row * SIDE - 112)).toBeLessThan(8);
    }
  });

  it('points to a spot in any cell, also one at the border: the smoothing moves nothing', async () => {
    const { graph } = buildLayerCam(options(), handOn(0));
    // Cells of the first pooling are centred at 7.5 + 8 i, the last one half a pixel from the border.
    for (const cell of [0, 1, 2, 9, 18, 19]) {
      const [x, y] = await peakOf({ graph }, spot(7.5 + 8 * cell, 7.5 + 8 * (19 - cell), 4));
      expect([x * 20 - 0.5, y * 20 - 0.5]).toEqual([expect.closeTo(cell, 9), expect.closeTo(19 - cell, 9)]);
    }
  });

  it('points to the visible part of a spot that the border cuts', async () => {
    const { graph } = buildLayerCam(options(), handOn(0));
    const [x] = await peakOf({ graph }, spot(0, 79.5, 16));
    // The half that is in the image has its middle at 16 * sqrt(2 / pi), 12.8 pixels from the border.
    expect(Math.abs(7.5 + 8 * (x * 20 - 0.5) - 12.8)).toBeLessThan(8);
  });

  it('has maps of the first pooling, not below 0, for every class, method and network; and no classifier', () => {
    const networks: [Network, number][] = [
      [createNetwork('compact'), SIDE / 8],
      [createNetwork('small'), SIDE / 4],
    ];
    for (const [network, cells] of networks) {
      for (const name of methodNames) {
        const { graph, parameters } = buildLayerCam(options({ network, method: parseMethod(name) }));
        expect(graph.outputs.map((output) => [output.name, output.value.type.shape])).toEqual([
          [inferenceNames.probabilities, [1, 2]],
          [inferenceNames.activationMaps, [1, 2, cells, cells]],
          [inferenceNames.logits, [1, 2]],
        ]);
        const needed = buildInference(options({ network, method: parseMethod(name) })).parameters;
        expect(parameters).toEqual(needed);
      }
    }
  });

  it('tells the two sides of a margin apart: evidence for one class is in the map of that class only', async () => {
    const { graph } = buildLayerCam(options(), handOn(0));
    const results = await runGraph(graph, { [inferenceNames.images]: spot(80, 80, 10) }, lowerings.webgpu);
    const maps = results[inferenceNames.activationMaps];
    const size = (SIDE / 8) ** 2;
    // Every weight is positive, so brightness speaks for the second class.
    expect(Math.max(...(maps?.data.slice(0, size) ?? [Number.NaN]))).toBe(0);
    expect(Math.max(...(maps?.data.slice(size) ?? [Number.NaN]))).toBeGreaterThan(0);
    expect(Math.min(...(maps?.data ?? [Number.NaN]))).toBeGreaterThanOrEqual(0);
    const [, logit = 0] = results[inferenceNames.logits]?.data ?? [];
    expect(logit).toBeGreaterThan(0);
  });

  it('has maps of the last layer with a stride above 1 where the network has no pooling, and points to a spot', async () => {
    const layer = (name: string, stride: number): Network['trunk'][number] => {
      return { kind: 'conv', name, channels: 4, kernel: 3, stride, pad: [1, 1] };
    };
    const trunk = [layer('conv1', 2), layer('conv2', 2), layer('conv3', 1), layer('conv6', 1)];
    const network = { ...createNetwork('small'), trunk };
    const { graph } = buildLayerCam(options({ network }), handOn(1));
    expect(graph.outputs[1]?.value.type.shape).toEqual([1, 2, SIDE / 4, SIDE / 4]);
    // 3 pixels wide, padded by 1: cell i is centred at 0.5 + 4 i. The activation map lies a cell above.
    expect(mapCells(network, 'layercam')).toEqual({ centre: 0.5, stride: 4 });
    for (const [cell, row] of [
      [2, 30],
      [20, 7],
    ] as const) {
      const [x, y] = await peakOf({ graph }, spot(0.5 + 4 * cell, 0.5 + 4 * row, 3));
      expect([x * 40 - 0.5, y * 40 - 0.5]).toEqual([expect.closeTo(cell, 9), expect.closeTo(row, 9)]);
    }
  });

  it('needs a pooling or a stride', () => {
    const network = createNetwork('small');
    const bare = { ...network, trunk: network.trunk.slice(2).filter(({ kind }) => kind !== 'pool') };
    expect(() => buildLayerCam(options({ network: bare }))).toThrow(
      /neither a pooling nor a layer with a stride above 1/,
    );
  });
});
