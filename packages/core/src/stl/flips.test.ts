import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type Graph, type Value, encodeOnnx, lowerings, sizeOf } from '../graph/index.js';
import { type Parameter, createNetwork } from '../network/index.js';
import { createSession } from '../session/index.js';
import { deterministicUniform } from '../testing/deterministic.js';
import {
  type Flips,
  type InferenceGraph,
  type InferenceOptions,
  buildGradCam,
  buildInference,
  buildLayerCam,
  inferenceNames,
  mapCells,
  methodNames,
  parseMethod,
} from './index.js';

const [width, height] = [53, 38];
const base = { classes: 3, sharpness: 4, network: createNetwork('small', { classifier: [6] }), width, height };

/** The same weights for every graph. */
function weights(graph: Graph, { name, shape, fanIn, start = 0 }: Parameter): Value {
  const stream = Array.from(name, (char) => char.charCodeAt(0)).reduce((sum, code) => 31 * sum + code, 7);
  const scale = fanIn === 0 ? 0.1 : Math.sqrt(6 / fanIn);
  const values = deterministicUniform(sizeOf(shape), stream, scale).map((value) => start + value);
  return graph.constant(name, values, shape);
}

/** Rows of cells, mirrored. */
function mirror(values: Float32Array, columns: number, axes: Flips): Float32Array {
  const rows = values.length / columns;
  return values.map((_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    const row = axes.vertical ? rows - 1 - y : y;
    return values[row * columns + (axes.horizontal ? columns - 1 - x : x)] ?? Number.NaN;
  });
}

type Build = (
  options: InferenceOptions,
  parameterValue: (graph: Graph, parameter: Parameter) => Value,
) => InferenceGraph;
const builds: Record<string, Build> = { positive: buildInference, layercam: buildLayerCam, gradcam: buildGradCam };

/** What a graph says of images, one call for all of them unless the graph takes one. */
async function read(build: string, options: InferenceOptions, images: readonly Float32Array[], together = false) {
  const { graph } = builds[build]?.(options, weights) ?? {};
  if (graph === undefined) throw new Error(build);
  const model = encodeOnnx(graph, { batchDimension: 'batch', lowering: lowerings.webgpu });
  const session = await createSession(onnxruntime, model);
  const groups = together ? [images] : images.map((image) => [image]);
  try {
    const found: { logits: Float32Array; probabilities: Float32Array; maps: Float32Array; columns: number }[] = [];
    for (const group of groups) {
      const data = Float32Array.from(group.flatMap((image) => [...image]));
      const outputs = await session.run({
        [inferenceNames.images]: { data, shape: [group.length, 1, height, width] },
      });
      const { logits, probabilities } = outputs;
      const maps = outputs[inferenceNames.activationMaps];
      for (let i = 0; i < group.length; i++) {
        const part = (values: Float32Array | undefined): Float32Array => {
          const size = (values?.length ?? 0) / group.length;
          return values?.slice(i * size, (i + 1) * size) ?? new Float32Array();
        };
        found.push({
          logits: part(logits?.data),
          probabilities: part(probabilities?.data),
          maps: part(maps?.data),
          columns: maps?.shape[3] ?? 0,
        });
      }
    }
    return found;
  } finally {
    await session.release();
  }
}

const none = { horizontal: false, vertical: false };
const across = { horizontal: true, vertical: false };
const down = { horizontal: false, vertical: true };
const both = { horizontal: true, vertical: true };
const groups: [string, Flips, Flips[]][] = [
  ['left to right', across, [none, across]],
  ['top to bottom', down, [none, down]],
  ['both ways', both, [none, across, down, both]],
];
/** The maps of all classes, one after the other, each mirrored. */
function mirrorMaps(found: { maps: Float32Array; columns: number } | undefined, axes: Flips): Float32Array {
  const { maps, columns } = found ?? { maps: new Float32Array(), columns: 0 };
  const size = maps.length / base.classes;
  const each = [0, 1, 2].map((k) => mirror(maps.slice(k * size, (k + 1) * size), columns, axes));
  return Float32Array.from(each.flatMap((map) => [...map]));
}

/**
 * Cells across and down of an input of 53 x 38, centre of the first cell and stride, and centre of the first of those mirrored back,
 * worked by hand: of the last layer (6 at 4.5 .. 44.5 and 4 at 4.5 .. 28.5), and of the first pooling (13 at .5 .. 48.5 and 9 at
 * .5 .. 32.5).
 */
const grids = {
  last: [
    [6, 4],
    [4.5, 8],
    [8.5, 9.5],
  ],
  pooling: [
    [13, 9],
    [0.5, 4],
    [4.5, 5.5],
  ],
} as const;

/** How many cells the means have: 6 at 6.5 .. 46.5 and 5 at 3 .. 35; 14 at .5 .. 52.5 and 10 at 1 .. 37. */
const means = { last: [6, 5], pooling: [14, 10] } as const;

/**
 * Maps of all classes, mirrored back, at the cells of the mean: each has the value of the nearest cell. Along an axis that is not
 * mirrored the mean's cells are the maps' own.
 */
function placed(build: string, maps: Float32Array, axes: Flips, flips: Flips): Float32Array {
  const layer = build === 'layercam' ? 'pooling' : 'last';
  const [counts, [first, stride], back] = grids[layer];
  const nearest = (k: 0 | 1, side: number, isMirrored: boolean, isMean: boolean): number[] => {
    if (!isMean) return Array.from({ length: counts[k] }, (_, i) => i);
    const start = isMirrored ? back[k] : first;
    const middle = (side - (means[layer][k] - 1) * stride) / 2;
    return Array.from({ length: means[layer][k] }, (_, i) =>
      Math.min(Math.max(Math.round((middle + i * stride - start) / stride), 0), counts[k] - 1),
    );
  };
  const columns = nearest(0, width, axes.horizontal, flips.horizontal);
  const rows = nearest(1, height, axes.vertical, flips.vertical);
  const values = [0, 1, 2].flatMap((map) =>
    rows.flatMap((y) => columns.map((x) => maps[(map * counts[1] + y) * counts[0] + x] ?? Number.NaN)),
  );
  return Float32Array.from(values);
}

const mean = (rows: readonly Float32Array[]): number[] =>
  [...(rows[0] ?? [])].map((_, i) => rows.reduce((sum, row) => sum + (row[i] ?? Number.NaN), 0) / rows.length);
const image = deterministicUniform(width * height, 3, 1.5);

describe.each(Object.keys(builds))('a graph of %s over mirror images', (build) => {
  const options = { ...base, method: parseMethod('STL+LSE') };

  it.each(groups)(
    '%s is the mean of what the plain graph says of each, maps mirrored back',
    async (_, flips, group) => {
      const [found] = await read(build, { ...options, flips }, [image]);
      const each = await read(
        build,
        options,
        group.map((axes) => mirror(image, width, axes)),
      );
      const logits = mean(each.map((one) => one.logits));
      const maps = mean(
        each.map((one, i) => placed(build, mirrorMaps(one, group[i] ?? none), group[i] ?? none, flips)),
      );
      const powers = logits.map(Math.exp);
      const sum = powers.reduce((a, b) => a + b);
      logits.forEach((value, k) => expect(found?.logits[k]).toBeCloseTo(value, 5));
      powers.forEach((value, k) => expect(found?.probabilities[k]).toBeCloseTo(value / sum, 5));
      expect(found?.maps).toHaveLength(maps.length);
      maps.forEach((value, i) => expect(found?.maps[i]).toBeCloseTo(value, 5));
      // Each says something of its own, or the mean would be any of them.
      expect(new Set(each.map((one) => one.logits[0]?.toFixed(4))).size).toBe(group.length);
    },
  );

  const field = (normalization: 'batch' | 'group') => createNetwork('field', { normalization, classifier: [6] });
  it.each([
    ['small', base.network],
    ['field, by batch', field('batch')],
    ['field, by group', field('group')],
  ])('has the mirrored map and the same probabilities of a mirrored image (%s)', async (_, network) => {
    for (const axes of [across, down]) {
      const images = [image, mirror(image, width, axes)];
      const [found, mirrored] = await read(build, { ...options, network, flips: both }, images);
      expect(Math.max(...(found?.maps ?? [Number.NaN]))).toBeGreaterThan(0.01);
      found?.probabilities.forEach((value, k) => expect(mirrored?.probabilities[k]).toBeCloseTo(value, 5));
      mirrorMaps(found, axes).forEach((value, i) => expect(mirrored?.maps[i]).toBeCloseTo(value, 5));
    }
  });
});

describe('graphs over mirror images', () => {
  it('take any number of images at once', async () => {
    const images = [1, 2, 3].map((stream) => deterministicUniform(width * height, stream, 1.5));
    for (const build of ['positive', 'layercam']) {
      const options = { ...base, method: parseMethod('AvePool'), flips: both };
      const alone = await read(build, options, images);
      const together = await read(build, options, images, true);
      alone.forEach(({ maps, logits }, i) => {
        logits.forEach((value, k) => expect(together[i]?.logits[k]).toBeCloseTo(value, 5));
        maps.forEach((value, k) => expect(together[i]?.maps[k]).toBeCloseTo(value, 5));
      });
      expect(alone[0]?.logits).not.toEqual(alone[1]?.logits);
    }
  });

  it('of a multi-label model have the sigmoids of the mean logits', async () => {
    const options = { ...base, method: parseMethod('AvePool'), multiLabel: true, flips: both };
    const [found] = await read('positive', options, [image]);
    found?.logits.forEach((value, k) => expect(found.probabilities[k]).toBeCloseTo(1 / (1 + Math.exp(-value)), 5));
  });

  it('are built of every method, with a reference class too, from the parameters of the plain ones, each once', () => {
    for (const build of [buildInference, buildLayerCam]) {
      for (const name of methodNames) {
        const options = { ...base, reference: 1, method: parseMethod(name) };
        const plain = build(options);
        const flipped = build({ ...options, flips: both });
        expect(flipped.parameters).toEqual(plain.parameters);
        expect(flipped.graph.outputs.map((output) => output.name)).toEqual(plain.graph.outputs.map((one) => one.name));
      }
    }
  });
});

describe('mapCells of maps over mirror images', () => {
  // 500 pixels: 15 cells at 33.5, 65.5 .. 481.5, mirrored at 18.5 .. 466.5. 478: 14 cells at 33.5 .. 449.5, mirrored at 28.5 .. 444.5.
  const network = createNetwork('alexnet6');
  const input = { width: 500, height: 478 };

  it('lie half way between those of the image and those mirrored back, along the axes that are mirrored', () => {
    expect(mapCells(network, 'difference+flips', { ...input, flips: both })).toEqual({
      centre: { x: 26, y: 31 },
      stride: 32,
    });
    expect(mapCells(network, 'positive+flips', { ...input, flips: across }).centre).toEqual({ x: 26, y: 33.5 });
    expect(mapCells(network, 'gradcam+flips', { ...input, flips: down }).centre).toEqual({ x: 33.5, y: 31 });
    // The first pooling: 61 cells at 9.5 .. 489.5, mirrored at 10.5 .. 490.5, and 58 at 9.5 .. 465.5, mirrored at 12.5 .. 468.5.
    expect(mapCells(network, 'layercam+flips', { ...input, flips: both })).toEqual({
      centre: { x: 10, y: 11 },
      stride: 8,
    });
  });

  it('are more by those that one of the two reaches beyond the other', () => {
    // 53 pixels: 13 cells at .5 .. 48.5, mirrored at 4.5 .. 52.5: the mean has 14, of which 12 are of two that coincide. 38 pixels: 9
    // cells at .5 .. 32.5, mirrored at 5.5 .. 37.5: 8 of two that are a pixel apart.
    const flips = { width, height, flips: both };
    expect(mapCells(base.network, 'layercam+flips', flips)).toEqual({ centre: { x: 0.5, y: 1 }, stride: 4 });
    expect(mapCells(base.network, 'positive+flips', flips)).toEqual({ centre: { x: 6.5, y: 3 }, stride: 8 });
  });

  it('are those of the network for a map of the image alone, and need the input for others', () => {
    expect(mapCells(network, 'positive', { ...input, flips: both })).toEqual({ centre: 33.5, stride: 32 });
    expect(() => mapCells(network, 'positive+flips')).toThrow(/depends on the input's size/);
  });
});
