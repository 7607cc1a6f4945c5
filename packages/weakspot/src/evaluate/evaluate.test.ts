import { type BoxRegion, boxRegion, computeMetrics, regionBounds, wholeImage } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import type { CachedImages } from '../data/cache.js';
import type { Sample } from '../data/dataset.js';
import { unreadableImage } from '../data/image.js';
import { failureOf } from '../data/testing/files.js';
import type { ModelInfo } from '../run/model-file.js';
import { type EvaluateOptions, evaluateModel } from './evaluate.js';
import type { Prediction } from './model.js';
import { answer, fakeModel, listOf } from './testing/models.js';

/** Images of 128x64, of which those named `bad` cannot be read. */
const cache: CachedImages = {
  statistics: { decoded: 0, hits: 0 },
  prepare: (path) =>
    path.includes('bad')
      ? Promise.reject(unreadableImage(path, 'the file is empty'))
      : Promise.resolve({
          pixels: new Uint16Array(64 * 64),
          originalWidth: 128,
          originalHeight: 64,
          placement: wholeImage(128, 64),
        }),
};

function sample(name: string, label: number, regions: readonly BoxRegion[] = []): Sample {
  return { name, path: `/films/${name}`, label, patient: undefined, split: undefined, regions };
}

/** 2x2 maps: cells are 64x32 pixels of the original. Their maximum's pixel: one nearest to the cell's centre. */
const topLeft = [1, 0, 0, 0];
const bottomRight = [0, 0, 0, 1];
const samples = [
  // Found and hit: the response lies in the top left quarter, at (32, 16) but for half a pixel.
  sample('hit', 1, [boxRegion(20, 10, 40, 20)]),
  // Negative, ranked second.
  sample('normal-high', 0),
  // Found, but the response is in the bottom right; grown by half a stride, 16 input pixels = 32 x 16, it is still missed.
  sample('miss', 1, [boxRegion(0, 0, 10, 10)]),
  sample('normal-low', 0),
];
const answers = [
  answer(0.9, 2, 2, topLeft),
  answer(0.8, 2, 2, topLeft),
  answer(0.7, 2, 2, bottomRight),
  answer(0.1, 2, 2, topLeft),
];
const options: EvaluateOptions = { cache };

async function metricsOf(changes: Partial<EvaluateOptions> = {}, set = samples) {
  const events = await listOf(evaluateModel(fakeModel(answers), set, { ...options, ...changes }));
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error('no metrics');
  return { events, metrics: last.metrics };
}

describe('evaluateModel', () => {
  it('gives the metrics that follow by hand from the answers', async () => {
    const { metrics } = await metricsOf();
    // Ranked: 0.9 hit, 0.8 negative, 0.7 miss, 0.1 negative. Three of four are called lesion, two rightly; one clear.
    expect(metrics).toMatchObject({ images: 4, positives: 2, located: 2, acc: 0.75, hitRate: 0.5 });
    // Of the four pairs of a positive and a negative, only (0.7, 0.8) is the wrong way round.
    expect(metrics.auc).toBeCloseTo(3 / 4, 12);
    expect(metrics.apPositive).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
    expect(metrics.apNegative).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
    expect(metrics.locAp).toBeCloseTo(0.5 * 1, 12);
    // Boxes grown by 32 x 16, clipped to the image of 128 x 64: 72 x 36 and 42 x 26, both from its corner.
    expect(metrics.hitRateRandom).toBeCloseTo(((72 * 36) / (128 * 64) + (42 * 26) / (128 * 64)) / 2, 12);
  });

  it('gives the metrics that the core computes of the images it reports, whatever the batch', async () => {
    for (const batch of [1, 3, 16]) {
      const { events, metrics } = await metricsOf({ batch });
      const images = events.flatMap((event) => (event.type === 'image' ? [event.result.evaluated] : []));
      const tolerance = { x: 16, y: 16 };
      expect(computeMetrics(images, { positive: 1, tolerance, inputWidth: 64, inputHeight: 64 })).toEqual(metrics);
      expect(images.map(({ label }) => label)).toEqual([1, 0, 1, 0]);
      expect(images[0]).toMatchObject({ width: 128, height: 64, regions: samples[0]!.regions });
    }
  });

  it('tells how much is a position: what the mean map hits, and the gain over other images’ responses', async () => {
    const positionOf = async (set: readonly Sample[], changes: Partial<EvaluateOptions> = {}) => {
      const last = (await listOf(evaluateModel(fakeModel(answers), set, { ...options, ...changes }))).at(-1);
      return last?.type === 'done' ? last.position : undefined;
    };
    // The mean is highest in the top left, three films of four. The first lesion is hit by its own response and not by the other
    // film's, in the bottom right; the second lesion the other way round.
    expect(await positionOf(samples)).toEqual({
      mean: { hitRate: 1, locAp: 0.5 * 1 + 0.5 * (2 / 3) },
      gain: 0,
      standardError: 1,
      isPosition: true,
    });
    // With both lesions where their films' responses lie there is a gain, and the mean map misses the second one.
    const found = samples.map((one, i) => (i === 2 ? { ...one, regions: [boxRegion(90, 40, 110, 60)] } : one));
    const expected = { mean: { hitRate: 0.5, locAp: 0.5 }, gain: 1, standardError: 0, isPosition: false };
    expect(await positionOf(found)).toEqual(expected);
    expect(await positionOf(samples.map(({ name, label }) => sample(name, label)))).toBeUndefined();
  });

  it('takes another tolerance, in pixels of the input', async () => {
    const { metrics } = await metricsOf({ tolerance: { x: 0, y: 0 } });
    // The boxes as they are, 40 x 20 and 10 x 10 in an image of 128 x 64.
    const areas = samples.flatMap(({ regions }) =>
      regions.map((region) => {
        const { x0, y0, x1, y1 } = regionBounds(region);
        return (x1 - x0) * (y1 - y0);
      }),
    );
    expect(metrics.hitRateRandom).toBeCloseTo(areas.reduce((a, b) => a + b) / areas.length / (128 * 64), 12);
  });

  it('measures all metrics of the same answers with full, after the images, by patient', async () => {
    const set = samples.map((one, i) => ({ ...one, patient: i < 2 ? 'first' : 'second' }));
    const full = { seed: 3, resamples: 30 };
    const { events, metrics } = await metricsOf({ full }, set);
    expect(metrics).toEqual((await metricsOf({}, set)).metrics);
    expect(events.slice(4, -1)).toEqual([20, 30].map((done) => ({ type: 'resample', done, total: 30 })));
    const last = events.at(-1);
    const estimates = last?.type === 'done' ? last.estimates : undefined;
    expect(estimates).toMatchObject({ ...full, patients: 2, level: 0.95 });
    const values = estimates?.metrics;
    for (const key of ['acc', 'auc', 'apPositive', 'apNegative', 'locAp', 'hitRate'] as const)
      expect(values?.[key].value, key).toBeCloseTo(metrics[key]!, 12);
    // A patient's images come together: each resample has both, one twice, and so hit rates of 0, 1/2 and 1 only.
    expect(values?.hitRate).toMatchObject({ low: 0, high: 1 });
    expect(values?.auc.random).toBeUndefined();
    // The middle, (64, 32), lies in the first box as it grows, up to (72, 36), and not in the second's (42, 26).
    expect(values?.hitRate.centred).toBe(0.5);
    // The mean map points to the top left, where the first lesion is and the second's box begins.
    expect(last?.type === 'done' && last.position?.mean).toMatchObject({ hitRate: values?.hitRate.mean });
    expect(values?.locAp.mean).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
    expect(values?.auc.mean).toBeUndefined();
  });

  it('tells what the brightest and the darkest point of each image hit, by the same protocol', async () => {
    // Discs of 8 pixels in the input: bright about (48, 16), dark about (16, 48); a white pixel at (2, 2) is no disc.
    const discs = Uint16Array.from({ length: 64 * 64 }, (_, i) => {
      const [x, y] = [(i % 64) + 0.5, Math.floor(i / 64) + 0.5];
      if (i === 2 * 64 + 2) return 65535;
      return Math.hypot(x - 48, y - 16) < 8 ? 50000 : Math.hypot(x - 16, y - 48) < 8 ? 10000 : 30000;
    });
    // Where there is ground truth, in pixels of the original, twice as wide: about the bright disc, and about the dark one.
    const [bright, dark] = [boxRegion(94, 14, 98, 18), boxRegion(30, 46, 34, 50)];
    const set = [sample('a', 1, [bright]), sample('b', 1, [dark]), sample('c', 1, [bright]), sample('d', 0)];
    const seen: CachedImages = {
      ...cache,
      prepare: async (path) => ({ ...(await cache.prepare(path)), pixels: discs }),
    };
    const { events, metrics } = await metricsOf({ cache: seen, tolerance: { x: 0, y: 0 } }, set);
    expect([metrics.hitRateBrightest, metrics.hitRateDarkest]).toEqual([2 / 3, 1 / 3]);
    // Ranked: a, b, c, d.
    expect(metrics.locApBrightest).toBeCloseTo((1 + 2 / 3) / 3, 12);
    expect(metrics.locApDarkest).toBeCloseTo(1 / 2 / 3, 12);
    const last = events.at(-1);
    expect(last?.type === 'done' ? last.warnings.map(({ code }) => code) : []).toContain('brightness');
    // With all metrics, those of the whole brightness map too: the hit rate is the same.
    const all = await metricsOf({ cache: seen, tolerance: { x: 0, y: 0 }, full: { seed: 1, resamples: 2 } }, set);
    const done = all.events.at(-1);
    const values = done?.type === 'done' ? done.estimates?.metrics : undefined;
    expect([values?.hitRate.brightest, values?.hitRate.darkest]).toEqual([2 / 3, 1 / 3]);
    expect(values?.locAp.brightest).toBeCloseTo(metrics.locApBrightest!, 12);
    expect(values?.auc.brightest).toBeUndefined();
  });

  it('looks for the darkest point in the image, not in its padding, and keeps the tolerance as wide', async () => {
    // The image, 128 x 64, is padded above and below: of the input's 64 x 64, rows 16 to 48 show it.
    const pixels = Uint16Array.from({ length: 64 * 64 }, (_, i) => {
      const [x, y] = [(i % 64) + 0.5, Math.floor(i / 64) + 0.5];
      if (y < 16 || y > 48) return 0;
      return Math.hypot(x - 20, y - 40) < 6 ? 10000 : 30000;
    });
    const padded: CachedImages = {
      ...cache,
      prepare: async (path) => ({
        ...(await cache.prepare(path)),
        pixels,
        placement: { x0: 0, y0: -32, x1: 128, y1: 96 },
        shown: { x0: 0, y0: 16, x1: 64, y1: 48 },
      }),
    };
    // The disc's middle is at (40, 48) of the original. Two input pixels are four of the original along both axes.
    const hitRateOf = async (left: number, tolerance: number): Promise<number | undefined> => {
      const set = [sample('a', 1, [boxRegion(left, 46, left + 2, 50)])];
      const changes = { cache: padded, tolerance: { x: tolerance, y: tolerance }, full: { seed: 1, resamples: 2 } };
      const { events, metrics } = await metricsOf(changes, set);
      const last = events.at(-1);
      const full = last?.type === 'done' ? last.estimates?.metrics.hitRate.darkest : undefined;
      expect(full).toBe(metrics.hitRateDarkest);
      return metrics.hitRateDarkest;
    };
    expect(await hitRateOf(39, 0)).toBe(1);
    expect([await hitRateOf(43, 0), await hitRateOf(43, 2)]).toEqual([0, 1]);
    expect(await hitRateOf(46, 2)).toBe(0);
  });

  it('stops between resamples when aborted', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const failure = await failureOf(async () => {
      const full = { seed: 1, resamples: 1000 };
      for await (const event of evaluateModel(fakeModel(answers), samples, {
        cache,
        full,
        signal: controller.signal,
      })) {
        seen.push(event.type);
        if (event.type === 'resample') controller.abort();
      }
    });
    expect([failure.code, seen.filter((type) => type !== 'image')]).toEqual(['aborted', ['resample']]);
  });

  it('tells from labels that the evidence lies in the other map, and from boxes where each map points', async () => {
    // The positive map is always highest in the bottom right; the negative one is lowest in the top left, at the lesion.
    const set = Array.from({ length: 12 }, (_, i) =>
      sample(`${i}`, i % 2, i % 2 === 1 ? [boxRegion(20, 10, 40, 20)] : []),
    );
    const told = set.map(({ label }) => ({
      ...answer(label === 1 ? 0.9 : 0.3, 2, 2, bottomRight),
      evidence: {
        maps: Float32Array.from([label === 1 ? -8 : 0, 0, 0, 0, ...bottomRight]),
        logits: label === 1 ? [-1.75, 0.05] : [0.25, 0.15],
      },
    }));
    const evidenceOf = async (changes: Partial<ModelInfo> = {}, films = set, found: readonly Prediction[] = told) => {
      const last = (await listOf(evaluateModel(fakeModel(found, changes), films, options))).at(-1);
      return last?.type === 'done' ? last.evidence : undefined;
    };
    const evidence = await evidenceOf();
    // The positive logit falls by 0.1 where the image is positive; the negative one by 2.
    expect(evidence?.negativeShare).toBeCloseTo(2 / 1.9, 6);
    expect(evidence).toMatchObject({ hitRates: { positive: 0, difference: 1, negative: 1 }, misplaced: true });
    const unboxed = set.map(({ name, label }) => sample(name, label));
    expect(await evidenceOf({}, unboxed)).toEqual({ ...evidence, hitRates: undefined });
    // Boxes alone tell it too: here the logits lie in the positive class's map.
    const own = told.map(({ evidence: { maps, logits }, ...rest }) => ({
      ...rest,
      evidence: { maps, logits: [-logits[1]!, -logits[0]!] },
    }));
    expect(await evidenceOf({}, set, own)).toMatchObject({ misplaced: true });
    expect(await evidenceOf({}, unboxed, own)).toMatchObject({ misplaced: false });
    // Where classification does not work, the share of it says nothing.
    const blind = told.map((one) => ({ ...one, probabilities: [0.5, 0.5] }));
    expect(await evidenceOf({}, unboxed, blind)).toMatchObject({ misplaced: false });
    // It matters where the positive class's map is read, over mirror images too.
    for (const [map, count] of [
      ['positive', 1],
      ['positive+flips', 1],
      ['difference', 0],
      ['difference+flips', 0],
      ['layercam+flips', 0],
    ] as const) {
      const last = (await listOf(evaluateModel(fakeModel(told, { map }), set, options))).at(-1);
      const codes = last?.type === 'done' ? last.warnings.map(({ code }) => code) : [];
      expect([map, codes.filter((code) => code === 'evidence-elsewhere').length]).toEqual([map, count]);
    }
    expect(await evidenceOf({ map: 'layercam+flips' })).toBeUndefined();
    // A model of a single logit, and one without logits.
    expect(await evidenceOf({ reference: 0 })).toBeUndefined();
    expect(await evidenceOf({}, samples, answers)).toBeUndefined();
  });

  it('counts towards the total in order', async () => {
    const { events } = await metricsOf({ batch: 3 });
    const counted = events.flatMap((event) => (event.type === 'image' ? [[event.done, event.total]] : []));
    expect(counted).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
    const names = events.flatMap((event) => (event.type === 'image' ? [event.result.sample.name] : []));
    expect(names).toEqual(samples.map(({ name }) => name));
  });

  it('leaves out what cannot be read, says why, and counts it as done', async () => {
    const set = [sample('bad-1', 1), ...samples, sample('bad-2', 0)];
    const { events, metrics } = await metricsOf({ batch: 2 }, set);
    const issues = events.flatMap((event) => (event.type === 'issue' ? [event.issue] : []));
    expect(issues).toEqual(
      ['bad-1', 'bad-2'].map((name) => ({
        severity: 'warning',
        file: `/films/${name}`,
        message: 'left out: the file is empty',
      })),
    );
    expect(metrics).toEqual((await metricsOf()).metrics);
    expect(events.at(-2)).toMatchObject({ done: 6, total: 6 });
  });

  it('stops at what cannot be read if strict', async () => {
    const events = evaluateModel(fakeModel(answers), [...samples, sample('bad', 1)], { cache, strict: true, batch: 2 });
    expect(await failureOf(() => listOf(events))).toMatchObject({
      code: 'data',
      message: '/films/bad: the file is empty',
    });
  });

  it('fails where no image is left, saying which case it is', async () => {
    const none = await failureOf(() => listOf(evaluateModel(fakeModel(answers), [], options)));
    expect(none).toMatchObject({ code: 'data', hint: 'Check the part of the data set that was asked for.' });
    const unread = await failureOf(() => listOf(evaluateModel(fakeModel(answers), [sample('bad', 1)], options)));
    expect(unread).toMatchObject({ code: 'data', hint: 'None of the image files could be read.' });
  });

  it('passes on what is not a fault of an image', async () => {
    const full: CachedImages = { ...cache, prepare: () => Promise.reject(new Error('disk full')) };
    await expect(listOf(evaluateModel(fakeModel(answers), samples, { cache: full }))).rejects.toThrow('disk full');
  });

  it('stops between images when aborted', async () => {
    const controller = new AbortController();
    const signal = controller.signal;
    const seen: string[] = [];
    const failure = await failureOf(async () => {
      for await (const event of evaluateModel(fakeModel(answers), samples, { cache, batch: 1, signal })) {
        seen.push(event.type);
        controller.abort();
      }
    });
    expect(failure.code).toBe('aborted');
    expect(seen).toEqual(['image']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a batch of %s', async (batch) => {
    const call = () => listOf(evaluateModel(fakeModel(answers), samples, { cache, batch }));
    expect(await failureOf(call)).toMatchObject({ code: 'usage' });
  });
});
