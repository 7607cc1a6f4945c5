import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxMetrics, computeMetrics } from '@weakspot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePhantoms } from '../data/phantom/index.js';
import { failureOf, flatPgm, temporaryFolder } from '../data/testing/files.js';
import { readSplit, runFolder } from '../run/folder.js';
import { filesBelow, writeImages } from '../train/testing/runs.js';
import type { CompareEvent, Comparison } from './index.js';
import { comparisonFolder, goesOn, writeSettings } from './folder.js';
import {
  type EvaluationFile,
  boxedImages,
  evaluatedImages,
  metricsOptions,
  readEvaluation,
  withTolerance,
} from './evaluation-file.js';
import { compareHere, comparing, requestFor, tinyComparison } from './testing/comparisons.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (...names: string[]): string => join(folder, ...names);
const images = at('images');
const other = at('other');
const whole = at('whole');
const compareKeys = { methods: ['AvePool', 'STL+AvePool'], seeds: [0, 1], resamples: 60 };
const settings = () => tinyComparison(images, { compare: { ...compareKeys, tests: [other] } });
const runs = ['AvePool-0', 'AvePool-1', 'STL+AvePool-0', 'STL+AvePool-1'];
const modelOf = (out: string, run: string): Buffer => readFileSync(join(out, 'runs', run, 'model.onnx'));
const comparisonOf = (out: string): Comparison =>
  JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')) as Comparison;
const typesOf = (events: readonly CompareEvent[]): string[] => events.map(({ type }) => type);

let events: CompareEvent[];
beforeAll(async () => {
  await writeImages(images, 8);
  await writeImages(other, 3);
  // Not the first images of the others, which are drawn alike.
  for (const label of ['clear', 'lesion']) {
    for (const i of [0, 1, 2]) writeFileSync(at('other', label, `${i}.png`), flatPgm(40, 40, 50 * i + label.length));
  }
  events = await compareHere(requestFor(whole, settings()));
});

describe('a comparison', () => {
  it('trains every method with every seed, round by round, then tests all', () => {
    const trained = events.flatMap((event) => (event.type === 'run' ? [event] : []));
    expect(trained.map(({ run, state }) => [run.method, run.seed, run.number, state])).toEqual([
      ['AvePool', 0, 1, 'new'],
      ['STL+AvePool', 0, 2, 'new'],
      ['AvePool', 1, 3, 'new'],
      ['STL+AvePool', 1, 4, 'new'],
    ]);
    expect(events[0]).toMatchObject({
      type: 'plan',
      parts: [{ train: 8, validation: 4, test: 4 }],
      tests: [
        { name: 'images', path: null, images: 4 },
        { name: 'other', path: other, images: 6 },
      ],
      runs: 4,
    });
    const evaluated = events.flatMap((event) => (event.type === 'evaluated' ? [[event.test, event.kept]] : []));
    expect(evaluated).toEqual(
      Array.from({ length: 4 }, () => [
        ['images', false],
        ['other', false],
      ]).flat(),
    );
    expect(events.at(-1)?.type).toBe('done');
  });

  it('looks at no test image before all runs are trained', () => {
    const types = typesOf(events);
    expect(types.lastIndexOf('train')).toBeLessThan(types.indexOf('trained'));
    expect(types.indexOf('evaluate')).toBeGreaterThan(types.indexOf('trained'));
  });

  it('leaves normal runs with the same parts, what they said of each image, and the result', async () => {
    const ofRun = [
      'checkpoints/best.safetensors',
      'checkpoints/last.safetensors',
      'config.json',
      'data.json',
      'evaluations/images.json',
      'evaluations/other.json',
      'metrics.jsonl',
      'model.onnx',
      'split.json',
    ];
    const own = ['comparison.json', 'settings.json', 'split.json', 'table.md'];
    const ofRuns = runs.flatMap((run) => ofRun.map((file) => `runs/${run}/${file}`));
    expect(filesBelow(whole)).toEqual([...own, ...ofRuns].toSorted());
    const splits = await Promise.all(runs.map((run) => readSplit(runFolder(join(whole, 'runs', run)))));
    for (const split of splits) expect(split).toEqual(splits[0]);
  });

  it('keeps the record that the images it keeps give', async () => {
    for (const { evaluations } of comparisonOf(whole).runs) {
      for (const path of Object.values(evaluations)) {
        const file = await readEvaluation(join(whole, path));
        const metrics = computeMetrics(evaluatedImages(file), metricsOptions(file));
        expect(file.record).toMatchObject({ images: metrics.images, acc: metrics.acc, auc: metrics.auc });
        expect(file.images).toHaveLength(metrics.images);
      }
    }
  });

  it('tells means, spreads and differences of the runs’ own records', async () => {
    const { table, differences, runs: described, tests } = comparisonOf(whole);
    expect(tests.map(({ name, images: count, patients }) => [name, count, patients])).toEqual([
      ['images', 4, null],
      ['other', 6, null],
    ]);
    const aucOf = async (method: string, test: string): Promise<number[]> => {
      const of = described.filter((run) => run.method === method);
      const files = await Promise.all(of.map((run) => readEvaluation(join(whole, run.evaluations[test] ?? ''))));
      return files.map(({ record }) => record.auc ?? Number.NaN);
    };
    for (const test of ['images', 'other']) {
      const [[a0 = 0, a1 = 0], [b0 = 0, b1 = 0]] = [await aucOf('AvePool', test), await aucOf('STL+AvePool', test)];
      const score = table.find((row) => row.test === test && row.method === 'AvePool')?.scores.auc;
      expect(score?.values).toEqual([a0, a1]);
      expect(score?.mean).toBeCloseTo((a0 + a1) / 2, 12);
      expect(score?.deviation).toBeCloseTo(Math.abs(a0 - a1) / Math.SQRT2, 12);
      const found = differences.find((entry) => entry.test === test && entry.metric === 'auc');
      expect(found).toMatchObject({ method: 'STL+AvePool', baseline: 'AvePool' });
      expect(found?.difference).toBeCloseTo((b0 + b1 - a0 - a1) / 2, 12);
    }
    // Without ground truth nothing is said of localization.
    expect(table.every(({ scores }) => scores.locAp === null)).toBe(true);
    expect(differences.some(({ metric }) => metric === 'locAp')).toBe(false);
  });
});

describe('a comparison on images with ground truth', () => {
  let result: Comparison;
  let files: EvaluationFile[];
  beforeAll(async () => {
    const films = at('films');
    await writePhantoms(films, { count: 24, seed: 3, size: 64 });
    const out = at('located');
    await compareHere(requestFor(out, tinyComparison(films, { compare: compareKeys })));
    result = comparisonOf(out);
    const paths = result.runs.flatMap(({ evaluations }) => Object.values(evaluations));
    files = await Promise.all(paths.map((path) => readEvaluation(join(out, path))));
  });

  it('keeps of every image what its numbers at any tolerance come from', () => {
    expect(files).toHaveLength(4);
    for (const file of files) {
      expect(file.format).toBe(4);
      const again = withTolerance(file, file.tolerance).record;
      expect(again).toEqual({ ...file.record, hitRates: null });
      expect([again.hitRateMean, again.hitRateBrightest, again.hitRateDarkest]).not.toContain(null);
    }
  });

  it('tells the hit rates in the regions themselves, and what boxes find', () => {
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const method of compareKeys.methods) {
      const runsOf = files.filter(({ record }) => record.method === method);
      const strict = runsOf.map((file) =>
        computeMetrics(evaluatedImages(file), { ...metricsOptions(file), tolerance: { x: 0, y: 0 } }),
      );
      const row = result.inRegion?.table.find((entry) => entry.method === method);
      expect(row?.scores.hitRate?.values).toEqual(strict.map(({ hitRate }) => hitRate));
      expect(row?.hitRateFixed).toBeCloseTo(mean(strict.map(({ hitRateFixed = Number.NaN }) => hitRateFixed)), 12);
      expect(row?.hitRateBrightest).toBeCloseTo(
        mean(strict.map(({ hitRateBrightest = Number.NaN }) => hitRateBrightest)),
        12,
      );
      const boxed = runsOf.map((file) => boxMetrics(boxedImages(file) ?? []));
      expect(row?.boxes).toEqual({
        boxAp30: mean(boxed.map(({ boxAp30 = Number.NaN }) => boxAp30)),
        iobbAccuracy10: mean(boxed.map(({ iobbAccuracy10 = Number.NaN }) => iobbAccuracy10)),
        iobbAccuracy25: mean(boxed.map(({ iobbAccuracy25 = Number.NaN }) => iobbAccuracy25)),
        iobbAccuracy50: mean(boxed.map(({ iobbAccuracy50 = Number.NaN }) => iobbAccuracy50)),
      });
      // The tolerance moves hits only.
      const usual = result.table.find((entry) => entry.method === method);
      expect(row?.scores.auc).toEqual(usual?.scores.auc);
      expect(row?.boxes).toEqual(usual?.boxes);
      expect(usual?.hitRateRandom ?? 0).toBeGreaterThan(row?.hitRateRandom ?? 1);
    }
    expect(result.inRegion?.differences.map(({ metric }) => metric)).toContain('hitRateGain');
  });

  it('tests again where an earlier version kept less', async () => {
    const out = at('located');
    const path = join(out, 'runs', 'AvePool-0', 'evaluations', 'films.json');
    const now = readFileSync(path, 'utf8');
    writeFileSync(path, now.replace('"format": 4', '"format": 3'));
    const again = await compareHere(requestFor(out, tinyComparison(at('films'), { compare: compareKeys })));
    expect(again.flatMap((event) => (event.type === 'evaluated' ? [event.kept] : []))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(readFileSync(path, 'utf8')).toBe(now);
  });
});

describe('a method that could not be trained', () => {
  it('is told before another one is, and not any more when its runs are there', async () => {
    const out = at('unbegun');
    const of = (changes: object) =>
      tinyComparison(images, {
        compare: { ...compareKeys, methods: ['AvePool', { name: 'other', method: 'AvePool', ...changes }] },
      });
    const failing: [object, RegExp][] = [
      [{ batch: 9 }, /has 8 images, fewer than one minibatch of 9/],
      [{ init: at('nowhere') }, /no run or model at .*nowhere/],
    ];
    for (const [changes, message] of failing) {
      const seen: CompareEvent[] = [];
      const error = await failureOf(async () => {
        for await (const event of comparing(requestFor(out, of(changes)))) seen.push(event);
      });
      expect([error.message, typesOf(seen)]).toEqual([expect.stringMatching(message), []]);
    }
    const source = at('source');
    cpSync(join(whole, 'runs', 'AvePool-0'), source, { recursive: true });
    await compareHere(requestFor(out, of({ init: source })));
    rmSync(source, { recursive: true });
    const again = await compareHere(requestFor(out, of({ init: source })));
    expect(again.at(-1)?.type).toBe('done');
  });
});

describe('methods that differ in the map that is read', () => {
  const reading = { name: 'reading', method: 'AvePool', localizer: { map: 'difference' } };
  const of = (...methods: unknown[]) =>
    tinyComparison(images, {
      data: { path: images, positive: 'lesion', split: { train: 0.5, validation: 0.25, test: 0.25, seed: 4 } },
      compare: { ...compareKeys, methods },
    });
  const foldersOf = (out: string): string[] => readdirSync(join(out, 'runs')).toSorted();
  const all = ['AvePool-0', 'AvePool-1', 'reading-0', 'reading-1'];

  it('are trained once, to the bits of a training of their own', async () => {
    const [both, alone] = [at('shared'), at('alone')];
    const seen = await compareHere(requestFor(both, of('AvePool', reading)));
    const steps = (method: string): number =>
      seen.filter((event) => event.type === 'train' && event.run.method === method && event.event.type === 'step')
        .length;
    expect([steps('AvePool'), steps('reading')]).toEqual([8, 0]);
    expect(seen.flatMap((event) => (event.type === 'run' ? [[event.state, event.trainedAs]] : []))).toEqual([
      ['new', undefined],
      ['new', 'AvePool'],
      ['new', undefined],
      ['new', 'AvePool'],
    ]);
    await compareHere(requestFor(alone, of(reading)));
    for (const run of ['reading-0', 'reading-1']) expect(modelOf(both, run)).toEqual(modelOf(alone, run));
    const [{ table: shared }, { table: own }] = [comparisonOf(both), comparisonOf(alone)];
    expect(shared[1]).toEqual(own[0]);
    expect(shared.map(({ map }) => map)).toEqual(['positive', 'difference']);
    expect(foldersOf(both)).toEqual(all);
  });

  it('go on where a copy was left half made', async () => {
    const out = at('shared');
    const before = comparisonOf(out);
    rmSync(join(out, 'runs', 'reading-1'), { recursive: true });
    mkdirSync(join(out, 'runs', '.reading-1-dead.tmp', 'checkpoints'), { recursive: true });
    await compareHere(requestFor(out, of('AvePool', reading)));
    expect(comparisonOf(out)).toEqual(before);
    expect(foldersOf(out)).toEqual(all);
  });
});

describe('the same comparison again', () => {
  it('trains and tests nothing, and gives the same result', async () => {
    const before = ['comparison.json', 'table.md'].map((name) => readFileSync(join(whole, name), 'utf8'));
    const again = await compareHere(requestFor(whole, settings()));
    expect(typesOf(again)).not.toContain('train');
    expect(typesOf(again)).not.toContain('evaluate');
    expect(again.flatMap((event) => (event.type === 'evaluated' ? [event.kept] : []))).toEqual(Array(8).fill(true));
    expect(['comparison.json', 'table.md'].map((name) => readFileSync(join(whole, name), 'utf8'))).toEqual(before);
  });

  it('tests again on a set whose labels, ground truth or pixels have changed, and on no other', async () => {
    const out = at('changed');
    cpSync(whole, out, { recursive: true });
    const asked = (): Promise<CompareEvent[]> => compareHere(requestFor(out, settings()));
    const keptOf = (found: readonly CompareEvent[]): [string, boolean][] =>
      found.flatMap((event) => (event.type === 'evaluated' ? [[event.test, event.kept]] : []));
    const repeated = runs.flatMap(() => [
      ['images', true],
      ['other', false],
    ]);
    const [from, to] = [at('other', 'clear', '0.png'), at('other', 'lesion', '9.png')];
    const pixels = readFileSync(from);
    // Relabelled: its folder is its class.
    renameSync(from, to);
    expect(keptOf(await asked())).toEqual(repeated);
    const labels = (await readEvaluation(join(out, 'runs', 'AvePool-0', 'evaluations', 'other.json'))).images;
    expect(labels.map(({ label }) => label).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1, 1, 1]);
    renameSync(to, from);
    writeFileSync(from, flatPgm(40, 40, 199));
    expect(keptOf(await asked())).toEqual(repeated);
    writeFileSync(from, pixels);
    expect(keptOf(await asked())).toEqual(repeated);
    expect(readFileSync(join(out, 'comparison.json'))).toEqual(readFileSync(join(whole, 'comparison.json')));
    expect(keptOf(await asked()).every(([, isKept]) => isKept)).toBe(true);
  });

  it('finds a test set that was moved, tests nothing again, and refuses other images in its place', async () => {
    const out = at('moved test');
    const place = at('elsewhere', 'other');
    cpSync(whole, out, { recursive: true });
    await compareHere(requestFor(out, settings()));
    cpSync(other, place, { recursive: true });
    const moved = tinyComparison(images, { compare: { ...compareKeys, tests: [place] } });
    const found = await compareHere(requestFor(out, moved));
    expect(found.flatMap((event) => (event.type === 'evaluated' ? [event.kept] : []))).toEqual(Array(8).fill(true));
    expect(comparisonOf(out).table).toEqual(comparisonOf(whole).table);
    expect(comparisonOf(out).tests.map(({ name, path }) => [name, path])).toEqual([
      ['images', null],
      ['other', place],
    ]);
    writeFileSync(join(place, 'clear', '0.png'), flatPgm(40, 40, 198));
    const error = await failureOf(() =>
      compareHere(requestFor(out, settings())).then(() => compareHere(requestFor(out, moved))),
    );
    expect([error.code, error.message]).toEqual([
      'exists',
      `The runs of ${out} were tested on other images than those of ${place}.`,
    ]);
    const accepted = await compareHere({ ...requestFor(out, moved), acceptChanges: true });
    const kept = accepted.flatMap((event) => (event.type === 'evaluated' ? [[event.test, event.kept]] : []));
    expect(kept).toEqual(
      runs.flatMap(() => [
        ['images', true],
        ['other', false],
      ]),
    );
  });

  it('goes on where it was stopped, to the bits of one never stopped', async () => {
    const out = at('stopped');
    const controller = new AbortController();
    const stopped: CompareEvent[] = [];
    for await (const event of comparing(requestFor(out, settings()), { signal: controller.signal })) {
      stopped.push(event);
      // In the second run, after its first step.
      if (event.type === 'train' && event.run.number === 2 && event.event.type === 'step') controller.abort();
    }
    expect(stopped.at(-1)).toEqual({ type: 'stopped', folder: out });
    const onward = await compareHere(requestFor(out, settings()));
    const states = onward.flatMap((event) => (event.type === 'run' ? [event.state] : []));
    expect(states).toEqual(['finished', 'begun', 'new', 'new']);
    for (const run of runs) expect(modelOf(out, run).equals(modelOf(whole, run)), run).toBe(true);
    expect(comparisonOf(out)).toEqual(comparisonOf(whole));
  });

  it('goes on after it was killed, whatever was left half written', async () => {
    const out = at('killed');
    cpSync(whole, out, { recursive: true });
    const inRun = (run: string, ...names: string[]): string => join(out, 'runs', run, ...names);
    // Before its first file was renamed; before its model was written; while an evaluation was.
    rmSync(inRun('AvePool-1'), { recursive: true });
    mkdirSync(inRun('AvePool-1'));
    writeFileSync(inRun('AvePool-1', 'config.json.12-0a1b.tmp'), '{');
    rmSync(inRun('STL+AvePool-0', 'model.onnx'));
    writeFileSync(inRun('STL+AvePool-1', 'evaluations', 'other.json'), '{ "format": 1');
    rmSync(join(out, 'comparison.json'));
    writeFileSync(join(out, 'settings.json.12-0a1b.tmp'), '{');
    const onward = await compareHere(requestFor(out, settings()));
    const states = onward.flatMap((event) => (event.type === 'run' ? [event.state] : []));
    expect(states).toEqual(['finished', 'begun', 'new', 'finished']);
    expect(comparisonOf(out)).toEqual(comparisonOf(whole));
    expect(filesBelow(out)).toEqual(filesBelow(whole));
  });
});

describe('a folder of an earlier version, whose settings lack a key', () => {
  const settingsWith = (averageFrom: number | null) =>
    tinyComparison(images, { optimizer: { averageFrom }, compare: { ...compareKeys, tests: [other] } });

  it('goes on with the value that stands for what that version did, and with no other', async () => {
    const earlier = comparisonFolder(at('earlier'));
    await writeSettings(earlier, settingsWith(null));
    const text = readFileSync(earlier.settings, 'utf8');
    const without = text.replaceAll(/,\s*"averageFrom": null/g, '');
    expect(without).not.toBe(text);
    writeFileSync(earlier.settings, without);
    expect(await goesOn(earlier, settingsWith(null))).toBe('goes on');
    const error = await failureOf(() => goesOn(earlier, settingsWith(2)));
    expect([error.code, error.message]).toEqual(['exists', expect.stringContaining('averageFrom: null -> 2')]);
  });
});

describe('a folder that is occupied', () => {
  const sizes = (out: string): string[] =>
    filesBelow(out).map((name) => `${name} ${readFileSync(join(out, name)).length}`);

  it('by another comparison: refused, naming what differs, and untouched', async () => {
    const before = sizes(whole);
    const error = await failureOf(() =>
      compareHere(
        requestFor(whole, tinyComparison(images, { epochs: 3, compare: { ...compareKeys, tests: [other] } })),
      ),
    );
    expect([error.code, error.message]).toEqual(['exists', expect.stringContaining('config.epochs: 2 -> 3')]);
    expect(error.hint).toContain('--force');
    expect(sizes(whole)).toEqual(before);
  });

  it('by something else: refused, with force too', async () => {
    const out = at('notes');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    for (const force of [false, true]) {
      const error = await failureOf(() => compareHere(requestFor(out, settings(), force)));
      expect(error.message).toContain('holds no comparison');
    }
    expect(readdirSync(out)).toEqual(['notes.txt']);
  });

  it('in a run by one of another configuration: refused', async () => {
    const out = at('foreign');
    cpSync(whole, out, { recursive: true });
    const file = join(out, 'runs', 'AvePool-1', 'config.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"seed": 1', '"seed": 7'));
    const error = await failureOf(() => compareHere(requestFor(out, settings())));
    expect(error.message).toContain('another configuration: seed: 7 -> 1');
  });

  it('by a comparison: with force anew, its runs removed, other files kept', async () => {
    const out = at('forced');
    cpSync(whole, out, { recursive: true });
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const changed = tinyComparison(images, {
      epochs: 1,
      compare: { ...compareKeys, methods: ['AvePool'], seeds: [4] },
    });
    await compareHere(requestFor(out, changed, true));
    expect(readdirSync(join(out, 'runs'))).toEqual(['AvePool-4']);
    expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    expect(comparisonOf(out)).toMatchObject({ methods: ['AvePool'], seeds: [4], differences: [] });
  });
});

describe('test images', () => {
  it('reach no model: others in their place give the same ones', async () => {
    const changed = at('changed');
    cpSync(images, changed, { recursive: true });
    const split = await readSplit(runFolder(join(whole, 'runs', 'AvePool-0')));
    const tested = [...split].filter(([, part]) => part === 'test').map(([name]) => name);
    expect(tested).toHaveLength(4);
    // Of different bytes each: copies stay together when parts are drawn.
    tested.forEach((name, i) => writeFileSync(join(changed, name), flatPgm(40, 40, 10 + i)));
    const out = at('with-changed');
    const one = { ...compareKeys, methods: ['STL+AvePool'], seeds: [0], checkpoint: 'best' };
    await compareHere(requestFor(out, tinyComparison(changed, { compare: one })));
    const last = (path: string): Buffer =>
      readFileSync(join(path, 'runs', 'STL+AvePool-0', 'checkpoints', 'last.safetensors'));
    const best = (path: string): Buffer =>
      readFileSync(join(path, 'runs', 'STL+AvePool-0', 'checkpoints', 'best.safetensors'));
    expect(last(out).equals(last(whole))).toBe(true);
    expect(best(out).equals(best(whole))).toBe(true);
    const answers = async (path: string, name: string): Promise<unknown> =>
      (await readEvaluation(join(path, 'runs', 'STL+AvePool-0', 'evaluations', `${name}.json`))).images;
    expect(await answers(out, 'changed')).not.toEqual(await answers(whole, 'images'));
  });

  it('that are trained on are refused, and nothing is written', async () => {
    const leaking = at('leaking');
    cpSync(other, leaking, { recursive: true });
    const split = await readSplit(runFolder(join(whole, 'runs', 'AvePool-0')));
    const [name] = [...split].find(([, part]) => part === 'train') ?? [''];
    cpSync(join(images, name), join(leaking, 'lesion', 'copy.png'));
    const out = at('never');
    const error = await failureOf(() =>
      compareHere(requestFor(out, tinyComparison(images, { compare: { ...compareKeys, tests: [leaking] } }))),
    );
    expect(error.code).toBe('data');
    expect(error.message).toContain(join(leaking, 'lesion', 'copy.png'));
    expect(error.message).toContain(`is trained on, as ${join(images, name)}`);
    expect(filesBelow(out)).toEqual([]);
  });

  it('are asked for: without any there is nothing to compare', async () => {
    const data = { path: images, positive: 'lesion', split: { train: 0.75, validation: 0.25, test: 0 } };
    const error = await failureOf(() => compareHere(requestFor(at('untested'), tinyComparison(images, { data }))));
    expect([error.code, error.hint]).toEqual(['usage', expect.stringContaining('--test')]);
  });
});

describe('a comparison in folds', () => {
  it('tests every image once with each method, and by folds', async () => {
    const out = at('folds');
    const compare = { methods: ['AvePool', 'STL+AvePool'], folds: 2, resamples: 40, tests: [other] };
    const data = { path: images, positive: 'lesion', split: { folds: 2, fold: 0, validation: 0 } };
    const request = requestFor(out, tinyComparison(images, { data, epochs: 1, compare }));
    await compareHere({ ...request, tensorboard: true });
    const boards = filesBelow(out).filter((name) => name.includes('tfevents'));
    expect(boards.map((name) => name.split('/')[1])).toEqual([
      'AvePool-fold-0',
      'AvePool-fold-1',
      'STL+AvePool-fold-0',
      'STL+AvePool-fold-1',
    ]);
    const { runs: described, tests, folds, seeds, differences, table } = comparisonOf(out);
    expect([folds, seeds]).toEqual([2, [0]]);
    expect(described.map(({ folder: path, fold }) => [path, fold])).toEqual([
      ['runs/AvePool-fold-0', 0],
      ['runs/STL+AvePool-fold-0', 0],
      ['runs/AvePool-fold-1', 1],
      ['runs/STL+AvePool-fold-1', 1],
    ]);
    const names = async (run: number): Promise<string[]> =>
      (await readEvaluation(join(out, described[run]?.evaluations['images'] ?? ''))).images.map(({ name }) => name);
    const [first, second] = [await names(0), await names(2)];
    expect(new Set([...first, ...second]).size).toBe(16);
    expect([...first, ...second]).toHaveLength(16);
    expect(await names(1)).toEqual(first);
    expect(tests).toMatchObject([
      { name: 'images', images: 16 },
      { name: 'other', images: 6 },
    ]);
    expect(table[0]?.scores.acc?.values).toHaveLength(2);
    const kinds = differences.map(({ test, training }) => `${test} ${training?.kind}`);
    expect(new Set(kinds)).toEqual(new Set(['images nadeau-bengio', 'other obuchowski-rockette']));
  });
});
