/**
 * Where the cells of every map of every network lie. The weights are uniform, so that a network and its gradients have no
 * direction of their own: what a blob leaves in a map must lie around the blob's centre.
 */
import { describe, expect, it } from 'vitest';
import { type Graph, type Value, encodeOnnx, lowerings } from '../graph/index.js';
import { type HeatMap, type Point, cellsInImage, extentOf, responsePoint } from '../imaging/index.js';
import { type Network, type NetworkName, type Parameter, createNetwork, networkNames } from '../network/index.js';
import { createSession } from '../session/index.js';
import * as onnxruntime from 'onnxruntime-node';
import {
  type MapChoice,
  buildGradCam,
  buildInference,
  buildLayerCam,
  inferenceNames,
  mapCells,
  mapParts,
  parseMethod,
} from './index.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

function uniform(graph: Graph, { name, shape, fanIn, start = 0 }: Parameter): Value {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return graph.constant(name, new Float32Array(size).fill(fanIn > 0 ? 1 / fanIn : start), shape);
}

/** With few channels: where cells lie does not depend on how many there are. */
function narrow(name: NetworkName): Network {
  const network = createNetwork(name, { classifier: [4] });
  return {
    ...network,
    trunk: network.trunk.map((layer) => (layer.kind === 'conv' ? { ...layer, channels: 4 } : layer)),
  };
}

/** The second class's maps of images of one size, row-major each. */
async function mapsOf(name: NetworkName, choice: MapChoice, size: Size, images: Float32Array[]): Promise<HeatMap[]> {
  const network = narrow(name);
  // A single logit: two classes of equal weights have a margin of 0.
  const method = { method: parseMethod('STL+AvePool'), classes: 2, sharpness: 1, reference: 0 };
  const { base, flips: isMean } = mapParts(choice);
  const build = base === 'layercam' ? buildLayerCam : base === 'gradcam' ? buildGradCam : buildInference;
  const { graph } = build({ ...method, network, ...size, ...(isMean ? { flips } : {}) }, uniform);
  const session = await createSession(onnxruntime, encodeOnnx(graph, { lowering: lowerings.webgpu }));
  try {
    const found: HeatMap[] = [];
    for (const data of images) {
      const feeds = { [inferenceNames.images]: { data, shape: [1, 1, size.height, size.width] } };
      const maps = (await session.run(feeds))[inferenceNames.activationMaps];
      const [, , height = 0, width = 0] = maps?.shape ?? [];
      const extent = extentOf(mapCells(network, choice, { ...size, flips }), width, height, size);
      found.push({ values: maps?.data.slice(height * width) ?? [], width, height, extent });
    }
    return found;
  } finally {
    await session.release();
  }
}

/** Dark, with a Gaussian blob. */
function blob({ width, height }: Size, { x, y }: Point, sigma: number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const distance = Math.hypot((i % width) + 0.5 - x, Math.floor(i / width) + 0.5 - y);
    return Math.exp(-((distance / sigma) ** 2) / 2);
  });
}

/** Where the mass of a map lies, in pixels of the input. */
function massOf(map: HeatMap, size: Size): Point {
  const { x0, y0, x1, y1 } = cellsInImage(map, size);
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < map.values.length; i++) {
    const value = map.values[i] ?? Number.NaN;
    mass += value;
    x += value * (x0 + (((i % map.width) + 0.5) * (x1 - x0)) / map.width);
    y += value * (y0 + ((Math.floor(i / map.width) + 0.5) * (y1 - y0)) / map.height);
  }
  return { x: x / mass, y: y / mass };
}

const choices: MapChoice[] = ['positive', 'layercam', 'gradcam', 'positive+flips', 'layercam+flips', 'gradcam+flips'];
const flips = { horizontal: true, vertical: true };
/** Sides that the strides divide, and sides that they do not; the fields of a blob's cells lie wholly inside, uncut by borders. */
const sizes: Record<NetworkName, Size[]> = {
  small: [
    { width: 160, height: 160 },
    { width: 187, height: 218 },
  ],
  compact: [
    { width: 480, height: 480 },
    { width: 533, height: 459 },
  ],
  alexnet6: [
    { width: 500, height: 500 },
    { width: 543, height: 478 },
  ],
  field: [
    { width: 160, height: 160 },
    { width: 135, height: 118 },
  ],
};
/** Centre of the first cell, and stride, worked by hand from the layers' windows: of the last layer, and of the first pooling. */
const known: Record<NetworkName, Record<'last' | 'pooling', readonly [number, number]>> = {
  small: { last: [4.5, 8], pooling: [0.5, 4] },
  compact: { last: [15.5, 32], pooling: [7.5, 8] },
  alexnet6: { last: [33.5, 32], pooling: [9.5, 8] },
  field: { last: [1.5, 4], pooling: [1.5, 4] },
};
/**
 * Cells across and down of means over mirror images, for each of the sizes, worked by hand too: as many as the last layer or the first
 * pooling has, and one more where the mirrored ones lie more than half a cell beside.
 */
const counts: Record<NetworkName, Record<'last' | 'pooling', readonly (readonly [number, number])[]>> = {
  field: {
    last: [
      [40, 40],
      [34, 30],
    ],
    pooling: [
      [40, 40],
      [34, 30],
    ],
  },
  small: {
    last: [
      [20, 20],
      [23, 27],
    ],
    pooling: [
      [41, 41],
      [47, 55],
    ],
  },
  compact: {
    last: [
      [15, 15],
      [17, 14],
    ],
    pooling: [
      [61, 61],
      [66, 57],
    ],
  },
  alexnet6: {
    last: [
      [15, 15],
      [16, 14],
    ],
    pooling: [
      [61, 61],
      [67, 58],
    ],
  },
};
const cases = networkNames.flatMap((name) =>
  sizes[name].flatMap((size) =>
    choices.map((choice) => [name, choice, `${size.width} x ${size.height}`, size] as const),
  ),
);

describe.each(cases)('%s, %s, %s', (name, choice, _, size) => {
  const [, stride] = known[name].last;
  const { width, height } = size;
  const middle = { x: width / 2, y: height / 2 };

  it('has the mass of a blob around its centre, to half a pixel', async () => {
    // All over a cell of the last layer, each axis in an order of its own.
    const steps = Array.from({ length: 8 }, (__, i) => ({
      x: middle.x + ((i + 0.3) / 8 - 0.5) * stride,
      y: middle.y + ((((3 * i) % 8) + 0.3) / 8 - 0.5) * stride,
    }));
    const maps = await mapsOf(
      name,
      choice,
      size,
      steps.map((centre) => blob(size, centre, stride / 2)),
    );
    const shifts = steps.map((centre, i) => {
      const { x, y } = massOf(maps[i] as HeatMap, size);
      return { x: x - centre.x, y: y - centre.y };
    });
    for (const axis of ['x', 'y'] as const) {
      const all = shifts.map((shift) => shift[axis]);
      expect(Math.abs(all.reduce((sum, shift) => sum + shift, 0) / all.length)).toBeLessThan(0.5);
      // A max pooling hands its gradient to one of three cells: LayerCAM's mass moves with the blob in steps of its stride.
      expect(Math.max(...all.map(Math.abs))).toBeLessThan(choice.startsWith('layercam') && stride > 8 ? 1.25 : 0.5);
    }
  });

  it('has the response to a blob in the middle of a cell there, to half a pixel', async () => {
    const { base, flips: isMean } = mapParts(choice);
    const layer = base === 'layercam' ? 'pooling' : 'last';
    const [first, step] = known[name][layer];
    const [columns = 0, rows = 0] = counts[name][layer][sizes[name].indexOf(size)] ?? [];
    // Of a mean over mirror images cells lie as far from one border as from the other.
    const start = (side: number, count: number): number => (isMean ? (side - (count - 1) * step) / 2 : first);
    const nearest = (to: number, from: number): number => from + Math.round((to - from) / step) * step;
    const centres = [-1, 0, 2].map((i) => ({
      x: nearest(middle.x, start(width, columns)) + i * step,
      y: nearest(middle.y, start(height, rows)) - i * step,
    }));
    const maps = await mapsOf(
      name,
      choice,
      size,
      centres.map((centre) => blob(size, centre, stride / 4)),
    );
    centres.forEach((centre, i) => {
      const { x, y } = responsePoint(maps[i] as HeatMap, size);
      expect(Math.max(Math.abs(x - centre.x), Math.abs(y - centre.y))).toBeLessThanOrEqual(0.5);
    });
  });
});
