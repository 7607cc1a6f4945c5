import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { metricsTable } from '../report/table.js';
import { type ReportEvent, type ReportOptions, reportRuns } from './report-runs.js';
import { writeFilms, writeReportedRun } from './testing/runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (...names: string[]): string => join(folder, ...names);
const films = at('films');

beforeAll(async () => {
  await writeFilms(films);
  await writeReportedRun(at('stl'), { films });
  await writeReportedRun(at('stl-again'), { films, seed: 5 });
  await writeReportedRun(at('ave'), { films, method: 'AvePool', seed: 2 });
});

interface Reported {
  readonly events: readonly ReportEvent[];
  readonly done: Extract<ReportEvent, { type: 'done' }>;
}

async function report(paths: readonly string[], changes: Partial<ReportOptions> = {}): Promise<Reported> {
  const events: ReportEvent[] = [];
  const options = { runtime: onnxruntime, cache: undefined, threads: 1, images: 2, ...changes };
  for await (const event of reportRuns(paths, options)) events.push(event);
  const done = events.at(-1);
  if (done?.type !== 'done') throw new Error('the report did not end');
  return { events, done };
}

/** Header and cells of the first table whose caption begins so. */
function tableOf(html: string, caption: string): string[][] {
  const found = [...html.matchAll(/<table[^>]*><caption><span>(.*?)<\/span>.*?<\/table>/g)];
  const table = found.find(([, text]) => text?.startsWith(caption) === true)?.[0] ?? '';
  return [...table.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell),
  );
}

const sections = (html: string): string[] => [...html.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, title = '']) => title);

describe('reportRuns', () => {
  it('counts every image of every run, and gives the numbers of its table', async () => {
    const { events, done } = await report([at('stl'), at('ave')]);
    const images = events.filter((event) => event.type === 'image');
    expect(images.map(({ done: count }) => count)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(images.every(({ total }) => total === 24)).toBe(true);
    const devices = events.filter((event) => event.type === 'device');
    expect(devices.map(({ device }) => device.provider)).toEqual(['cpu', 'cpu']);
    expect(done.records.map(({ method, images: count }) => [method, count])).toEqual([
      ['STL+AvePool', 12],
      ['AvePool', 12],
    ]);
    const [header, ...rows] = tableOf(done.html, 'Classification and localization on films');
    const printed = metricsTable(done.records).split('\n');
    expect(header?.join(' ')).toBe(printed[0]?.trim().replaceAll(/\s{2,}/g, ' '));
    expect(rows.map((row) => row.join(' '))).toEqual(
      printed.slice(2).map((line) => line.trim().replaceAll(/\s+/g, ' ')),
    );
    expect(sections(done.html).filter((title) => title !== 'Before you read the numbers')).toEqual([
      'Results',
      'Curves',
      'Training',
      'First-layer filters',
      'Test images',
      'The worst errors',
      'Settings',
      'Data',
      'Terms',
    ]);
  });

  it('is the same bytes again, and shows another example for another seed', async () => {
    const first = await report([at('stl')], { images: 1 });
    expect((await report([at('stl')], { images: 1 })).done.html).toBe(first.done.html);
    const other = await report([at('stl')], { images: 1, seed: 3 });
    const shown = (html: string): string[] => [...html.matchAll(/alt="(Image [^"]*)"/g)].map(([, alt = '']) => alt);
    expect(shown(first.done.html)).toHaveLength(1);
    expect(shown(other.done.html)).not.toEqual(shown(first.done.html));
  });

  it('shows runs that differ in seed only as one method, with mean and spread', async () => {
    const { done } = await report([at('stl'), at('stl-again')], { images: 0 });
    const [, ...rows] = tableOf(done.html, 'Classification');
    expect(rows.map(([name]) => name)).toEqual(['STL+AvePool']);
    expect(rows[0]?.[2]).toMatch(/^[.\d]+ ± \.\d{3}$/);
    expect(tableOf(done.html, 'Every run').map(([name]) => name)).toEqual([
      'Run',
      'STL+AvePool, seed 0',
      'STL+AvePool, seed 5',
    ]);
    expect(tableOf(done.html, 'The runs')[0]).toEqual(['Folder', 'Method', 'seed']);
    // Without images there is no section of them.
    expect(sections(done.html)).not.toContain('Test images');
  });

  it('tells methods of one name apart by their folders', async () => {
    const other = await writeReportedRun(at('long'), { films, settings: { epochs: 9 } });
    const { done } = await report([at('stl'), other], { images: 0 });
    expect(done.records.map(({ method }) => method)).toEqual(['STL+AvePool (stl)', 'STL+AvePool (long)']);
  });

  it('reads a comparison: its names, its runs and its test sets', async () => {
    const root = at('compared');
    await writeReportedRun(join(root, 'runs', 'A-0'), { films });
    await writeReportedRun(join(root, 'runs', 'B-0'), { films, method: 'AvePool' });
    const comparison = {
      format: 2,
      tests: [
        { name: 'own', path: null },
        { name: 'others', path: await writeFilms(at('others'), 6) },
      ],
      runs: [
        { method: 'B', seed: 0, fold: null, folder: 'runs/B-0' },
        { method: 'A', seed: 0, fold: null, folder: 'runs/A-0' },
      ],
      table: [
        {
          test: 'own',
          method: 'B',
          scores: {
            auc: { mean: 0.5, low: 0.4, high: 0.6 },
            locAp: null,
            hitRate: { mean: 0.25, low: 0.2, high: 0.3 },
          },
        },
      ],
      differences: [
        {
          test: 'own',
          metric: 'auc',
          method: 'A',
          baseline: 'B',
          difference: -0.0625,
          delong: { low: -0.1, high: 0.2 },
          bootstrap: { low: -1, high: 1 },
          holds: 'images',
        },
        {
          test: 'own',
          metric: 'hitRate',
          method: 'A',
          baseline: 'B',
          difference: 0.125,
          bootstrap: { low: 0, high: 0.25 },
          holds: 'nowhere',
        },
      ],
    };
    writeTree(root, {
      'comparison.json': JSON.stringify(comparison),
      'settings.json': JSON.stringify({ settings: { tests: [{ path: at('others') }], tolerance: { x: 200, y: 200 } } }),
    });
    const { done } = await report([root]);
    expect(done.records.map(({ method, dataset, images }) => [method, dataset, images])).toEqual([
      ['B', 'own', 12],
      ['A', 'own', 12],
      ['B', 'others', 6],
      ['A', 'others', 6],
    ]);
    expect(sections(done.html)).toContain('Curves: others');
    expect(tableOf(done.html, 'Differences on own, with 95 % intervals')[1]).toEqual([
      'A - B',
      '-',
      '-.063 [-.100, +.200] *',
      '-',
      '-',
      '-',
      '+.125 [.000, +.250]',
      '-',
    ]);
    expect(tableOf(done.html, 'Confidence intervals on own')[1]?.slice(0, 3)).toEqual(['B', '-', '.500 [.400, .600]']);
    expect(tableOf(done.html, 'Confidence intervals on own')[1]?.[6]).toBe('.250 [.200, .300]');
    // Its tolerance reaches over the whole film.
    expect(done.records.map(({ hitRate }) => hitRate)).toEqual([1, 1, 1, 1]);
    expect(done.html).toContain('enlarged by 200 x 200 pixels');
    expect((await failureOf(() => report([root, at('stl')]))).message).toContain('report it alone');
    const read = await failureOf(() => report([root], { map: 'layercam' }));
    expect([read.code, read.message]).toEqual(['usage', expect.stringContaining('by the map "layercam"')]);
    expect(done.warnings.map(({ code }) => code)).not.toContain('older-comparison');

    // Of a version whose maps lay elsewhere: what was measured of its localization is left out, and the report says so.
    writeTree(root, { 'comparison.json': JSON.stringify({ ...comparison, format: 1 }) });
    const older = (await report([root])).done;
    expect(older.warnings[0]).toMatchObject({
      code: 'older-comparison',
      text: expect.stringMatching(
        /Run "weakspot compare" with its settings and folder to test its runs again\.$/,
      ) as string,
    });
    expect(tableOf(older.html, 'Differences on own')[1]?.slice(2, 7)).toEqual([
      '-.063 [-.100, +.200] *',
      '-',
      '-',
      '-',
      '-',
    ]);
    expect(tableOf(older.html, 'Confidence intervals on own')[1]?.slice(2)).toEqual([
      '.500 [.400, .600]',
      '-',
      '-',
      '-',
      '-',
      '-',
    ]);
    writeTree(root, { 'comparison.json': '{ "format": 2, "runs": [] }' });
    expect((await failureOf(() => report([root]))).message).toMatch(/comparison\.json is not a readable comparison.*/s);
  });

  it('tests on other data, and says so where the runs were trained on them', async () => {
    const some = await writeReportedRun(at('some'), { films, test: [1, 2, 3, 4] });
    const own = await report([some], { images: 0 });
    expect(own.done.records[0]?.images).toBe(4);
    expect(tableOf(own.done.html, 'Trained on: films').map((row) => row.slice(0, 2))).toEqual([
      ['Part', 'Images'],
      ['Training', '8'],
      ['Validation', '0'],
      ['Test', '4'],
    ]);
    const { done } = await report([some], { images: 0, tests: [{ path: films, name: 'all' }] });
    expect(done.records[0]).toMatchObject({ dataset: 'all', images: 12 });
    expect(done.warnings).toContainEqual({
      test: 'all',
      code: 'trained-on',
      text:
        'The model was trained on images that it is tested on: the numbers say nothing about unseen images (8 of 12 ' +
        'images).',
    });
    expect(own.done.warnings.map(({ code }) => code)).not.toContain('trained-on');
    expect(done.html).toContain('all: The model was trained on images that it is tested on');
  });

  it('leaves out what cannot be read, and says so', async () => {
    const damaged = await writeFilms(at('damaged'), 6);
    truncateSync(join(damaged, 'images', 'phantom-00002.png'), 500);
    const run = await writeReportedRun(at('of-damaged'), { films: damaged, count: 6 });
    const { events, done } = await report([run]);
    const issues = events.filter((event) => event.type === 'issue');
    expect(issues.map(({ issue }) => issue.file)).toEqual([join(damaged, 'images', 'phantom-00002.png')]);
    expect(done.records[0]?.images).toBe(5);
    expect(done.html).toContain('Some images could not be read and are left out (1 of 6 images).');
    expect((await failureOf(() => report([run], { strict: true }))).code).toBe('data');
  });

  it.each<[string, string[], string, RegExp]>([
    ['no runs', [], 'usage', /needs a run/],
    ['a folder that is neither', [folder], 'model', /neither a run nor a comparison/],
    ['a path where nothing is', [at('gone')], 'model', /neither a run nor a comparison/],
  ])('refuses %s', async (_, paths, code, message) => {
    const error = await failureOf(() => report(paths));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('refuses runs of other classes, and runs without a test part', async () => {
    const animals = await writeReportedRun(at('animals'), { films });
    const config = join(animals, 'config.json');
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll('"normal"', '"clear"'));
    const error = await failureOf(() => report([at('stl'), animals]));
    expect([error.code, error.message]).toEqual(['usage', expect.stringContaining('clear, lesion')]);
    const trained = await writeReportedRun(at('trained'), { films, test: [] });
    expect((await failureOf(() => report([trained]))).message).toMatch(/test part of films is empty/);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    controller.abort();
    expect((await failureOf(() => report([at('stl')], { signal: controller.signal }))).code).toBe('aborted');
  });
});
