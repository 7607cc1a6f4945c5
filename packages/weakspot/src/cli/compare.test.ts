import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, comparisonWarnings, readEvaluation } from '../compare/index.js';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { comparisonFolder, writeSettings } from '../compare/folder.js';
import { filmMeasures } from '../propose/testing/measures.js';
import { type CompareFlags, makeComparison } from './compare-request.js';
import { startWeakspot, succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const films = join(folder, 'films');
const out = join(folder, 'comparison');
const tiny = [
  '--size',
  '64',
  '--network',
  'small',
  '--epochs',
  '3',
  '--batch',
  '8',
  '--split',
  '2:1',
  '--threads',
  '1',
];
const compared = ['--methods', 'avepool,STL+AvePool', '--seeds', '3', '--resamples', '50'];
const plain = ['--no-cache', '--set', 'network.classifier=[8]'];
const command = ['compare', films, '--out', out, ...compared, ...tiny, ...plain];

beforeAll(async () => {
  succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64', '--seed', '3'));
});

describe('weakspot compare', () => {
  it('interrupted saves and says how to go on; the same command does, and ends with the tables', async () => {
    const started = startWeakspot(...command);
    await started.says('steps an epoch');
    started.process.kill('SIGINT');
    const stopped = await started.ended;
    expect([stopped.code, stopped.err.at(-1)]).toEqual([
      130,
      'stopped: finished work is kept; run the same command again to continue',
    ]);
    expect(stopped.err.join('\n')).toContain('run 1 of 2: AvePool, seed 3');

    const { code, out: lines, err } = await weakspot(...command);
    expect([code, err.join('\n')]).toEqual([0, expect.stringContaining('run 1 of 2: AvePool, seed 3, resumed')]);
    const text = lines.join('\n').split('\n');
    expect(text[0]).toMatch(/^Method +ACC +AUC +AP\+ +AP- +Loc AP$/);
    expect(text[3]).toMatch(/^STL\+AvePool( +(\.\d{3}|1\.000|-)){5}$/);
    expect(text).toContainEqual(
      expect.stringMatching(/^films: 8 images of \d patients, \d positive, \d of them located$/),
    );
    expect(text).toContainEqual(expect.stringMatching(/^Method +Hit rate +Gain +Random .* +Bright +Dark$/));
    expect(text).toContainEqual(expect.stringMatching(/^Difference +STL\+AvePool - AvePool$/));
    expect(text).toContainEqual(expect.stringMatching(/^Loc AP +[+-]?[.\d]+ \[.*?\]( \*)?$/));
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(readFileSync(join(out, 'table.md'), 'utf8')).toContain('| Difference | STL+AvePool - AvePool |');
  });

  it('done already, writes its events as JSON', async () => {
    const { code, out: lines } = await weakspot(...command, '--json');
    expect(code).toBe(0);
    const events = lines.map((line) => JSON.parse(line) as { type: string; comparison?: unknown });
    expect([...new Set(events.map(({ type }) => type))]).toEqual([
      'proposal',
      'plan',
      'run',
      'trained',
      'evaluated',
      'resample',
      'done',
    ]);
    const comparison = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')) as Comparison;
    expect(events.at(-1)?.comparison).toEqual(comparison);
    // From the stored responses, what the evaluation found.
    for (const { method, scores, ...row } of comparison.table) {
      const run = comparison.runs.find((one) => one.method === method);
      const { record } = await readEvaluation(join(out, run?.evaluations['films'] ?? ''));
      const { hitRate, hitRateRandom, hitRateShuffled, hitRateMean, hitRateFixed, hitRateBrightest } = record;
      expect(scores.hitRateGain?.mean).toBeCloseTo((hitRate ?? 0) - (hitRateShuffled ?? 0), 12);
      expect(row).toMatchObject({ hitRateRandom, hitRateShuffled, hitRateMean, hitRateFixed, hitRateBrightest });
      expect(hitRateFixed).toBeGreaterThan(0);
      // Few of the eight images are located: said of the run, and, as of all runs alike, once.
      expect(comparison.warnings).toContainEqual({
        test: 'films',
        method,
        seed: 3,
        fold: null,
        warning: expect.objectContaining({ code: 'few-located', figures: { located: record.located } }) as object,
      });
    }
    const few = comparisonWarnings(comparison, 'films').filter((warning) => warning.code === 'few-located');
    expect(few.map(({ text }) => text)).toEqual([
      expect.stringMatching(/changes the hit rate \(\d images, by \.\d+\)\.$/),
    ]);
    expect(readFileSync(join(out, 'table.md'), 'utf8')).toContain(`- **Warning:** ${few[0]?.text}`);
  });

  it('refuses other settings in the same folder, with the exit code of a failure', async () => {
    const { code, err } = await weakspot(...command, '--learning-rate', '0.5');
    expect([code, err.join('\n')]).toEqual([1, expect.stringContaining('optimizer.learningRate: 0.01 -> 0.5')]);
  });
});

/** Of 500 images. */
const measures = { ...filmMeasures, images: 500, classes: [250, 250], low: 0, high: 1 };

describe('makeComparison', () => {
  const made = async (flags: Partial<CompareFlags>, data: string | undefined = 'films') =>
    (await makeComparison(data, { out: 'o', cache: false, ...flags })).settings;

  it('lays options over the file, whose paths are relative to it', async () => {
    const text =
      'data: { path: films }\nepochs: 7\ncompare:\n  seeds: [4, 5]\n  tests: [other, { path: third, name: T }]\n';
    writeTree(folder, { 'compare.yaml': text });
    const config = join(folder, 'compare.yaml');
    const settings = await makeComparison(undefined, { out: 'o', cache: false, config, methods: ['AvePool'] });
    expect(settings.settings).toMatchObject({
      methods: [{ name: 'AvePool', config: { epochs: 7, data: { path: films } } }],
      seeds: [4, 5],
      tests: [{ path: join(folder, 'other') }, { path: join(folder, 'third'), name: 'T' }],
    });
    // Folds on the command line go before the file's seeds.
    expect(await made({ config, folds: 3 })).toMatchObject({ folds: 3, seeds: [0] });
    expect(await made({ config, set: { compare: { level: 0.9 } } as never })).toMatchObject({ level: 0.9 });
    const error = await failureOf(() => made({ config, set: { compare: { tests: 3 } } as never }));
    expect(error.message).toContain('compare.yaml:5: compare.tests');
  });

  it('asks for data and a folder, and for one way of dividing', async () => {
    const wrong: [Partial<CompareFlags>, string | undefined, RegExp][] = [
      [{}, undefined, /weakspot compare DATA/],
      [{ folds: 2, split: { train: 1, validation: 0, test: 0 } }, 'films', /--split and --folds/],
    ];
    for (const [flags, data, message] of wrong) {
      const error = await failureOf(() => makeComparison(data, { out: 'o', cache: false, ...flags }));
      expect([error.code, error.message]).toEqual(['usage', expect.stringMatching(message)]);
    }
    expect((await makeComparison('some/films', { cache: false })).out).toBe(join('runs', 'films-comparison'));
  });

  it('chooses for each method what suits the data and its own network', async () => {
    const methods = ['AvePool', { name: 'other', method: 'AvePool', network: { name: 'small' } }];
    const { settings } = await makeComparison(
      'films',
      { out: 'o', cache: false, set: { compare: { methods } } as never },
      { look: () => Promise.resolve(measures), tell: () => undefined },
    );
    const [own, other] = settings.methods.map(({ config }) => config);
    expect(own).toMatchObject({ network: { name: 'field' }, preprocessing: { width: 152 }, batch: 32, epochs: 35 });
    expect(other).toMatchObject({ network: { name: 'small' }, preprocessing: { width: 128 }, batch: 16, epochs: 25 });
  });

  it('continues with the defaults a comparison that was begun with them', async () => {
    const place = join(folder, 'begun');
    const before = await makeComparison('films', { out: place, cache: false });
    await writeSettings(comparisonFolder(place), before.settings);
    const told: unknown[] = [];
    const chooser = { look: () => Promise.resolve(measures), tell: (set: unknown) => void told.push(set) };
    expect(await makeComparison('films', { out: place, cache: false }, chooser)).toEqual(before);
    expect(told).toEqual([]);
    const anew = await makeComparison('films', { out: place, cache: false, force: true }, chooser);
    expect([anew.settings.methods[0]?.config.epochs, told]).toEqual([35, [measures]]);
  });

  it('reads methods and seeds as lists', async () => {
    const wrong = async (...args: string[]): Promise<string> => {
      const { code, err } = await weakspot('compare', films, '--out', join(folder, 'never'), ...args);
      expect(code).toBe(2);
      return err.join('\n');
    };
    expect(await wrong('--methods', 'AvePool,Mean')).toContain('The methods are MaxPool');
    expect(await wrong('--seeds', '0,x')).toContain('whole number');
    expect(await wrong('--seeds', '1,1')).toContain('twice');
    expect(await wrong('--seeds', '1,2', '--folds', '3')).toContain('with folds there is one seed');
  });
});
