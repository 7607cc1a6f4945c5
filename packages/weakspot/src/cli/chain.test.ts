/** The commands one after the other on tiny phantoms, in this process. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatPgm, temporaryFolder, writeTree } from '../data/testing/files.js';
import { type Localization, readModel } from '../evaluate/index.js';
import { loadCheckpoint, saveCheckpoint, weightsOf } from '../run/checkpoint.js';
import { type CommandResult, succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const at = (...names: string[]): string => join(folder, ...names);
const films = at('films');
const run = at('run');
const model = at('exported', 'model.onnx');
const tiny = ['--size', '64', '--epochs', '2', '--batch', '8', '--split', '2:1', '--threads', '1', '--no-cache'];
const small = [
  '--network',
  'small',
  '--method',
  'STL+AvePool',
  '--set',
  'network.classifier=[8]',
  '--set',
  'localizer.evidence=classes',
  '--set',
  'localizer.map=positive',
];
const fields = ['method', 'dataset', 'images', 'positives', 'located', 'acc', 'auc', 'apPositive', 'apNegative'];
const pointing = ['Random', 'Shuffled', 'Fixed'].map((of) => `hitRate${of}`);
const brightness = ['hitRateBrightest', 'locApBrightest', 'hitRateDarkest', 'locApDarkest'];
const position = ['locApFixed', ...brightness, 'hitRateMean', 'locApMean'];
const evidence = ['map', 'negativeShare', 'hitRates', 'warnings'];
const recordKeys = [...fields, 'locAp', 'hitRate', ...pointing, ...position, ...evidence];
let made: CommandResult;
let trained: CommandResult;

beforeAll(async () => {
  made = succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64', '--seed', '3', '--json'));
  trained = succeeded(await weakspot('train', films, '--out', run, ...tiny, ...small));
});

function recordOf({ code, out }: CommandResult): Record<string, unknown> {
  expect([code, out.length]).toEqual([0, 1]);
  return JSON.parse(out[0] ?? '') as Record<string, unknown>;
}

describe('weakspot train', () => {
  it('leaves a run’s files, and tells what it did on standard error in plain lines', () => {
    expect(readdirSync(run).toSorted()).toEqual([
      'checkpoints',
      'config.json',
      'data.json',
      'metrics.jsonl',
      'model.onnx',
      'split.json',
    ]);
    expect(trained.out).toEqual([]);
    const text = trained.err.join('\n');
    expect(text).toContain(
      'films: read as table; classes normal, lesion (positive: lesion); 16 training, 0 validation, 8 test images',
    );
    expect(text).toMatch(/^[\d,]+ parameters, 2 steps an epoch on cpu \(.+, 1 thread\)$/m);
    expect(text).toMatch(/^epoch {3}2 {2}alpha 0\.90 {2}classifier \d/m);
    expect(text).toContain(`next: weakspot evaluate ${run}`);
    // No bars and colours where there is no terminal.
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\r');
  });

  it('writes its events as JSON, one a line, with --json', async () => {
    const { code, out } = await weakspot('train', films, '--out', at('json'), ...tiny, ...small, '--json');
    expect(code).toBe(0);
    const types = out.map((line) => (JSON.parse(line) as { type: string }).type);
    expect([...new Set(types)]).toEqual([
      'proposal',
      'data',
      'device',
      'prepare',
      'start',
      'step',
      'checkpoint',
      'epoch',
      'done',
    ]);
    expect(types.filter((type) => type === 'step')).toHaveLength(4);
  });

  it('leaves a folder alone that holds a run or anything else, unless forced over a run', async () => {
    const before = readFileSync(join(run, 'model.onnx'));
    const again = await weakspot('train', films, '--out', run, ...tiny);
    expect(again.code).toBe(1);
    expect(again.err.join('\n')).toContain('--resume');
    expect(again.err.join('\n')).toContain('--force');
    expect(readFileSync(join(run, 'model.onnx')).equals(before)).toBe(true);
    const other = writeTree(at('other'), { 'notes.txt': 'mine' });
    expect((await weakspot('train', films, '--out', other, ...tiny, '--force')).code).toBe(1);
    expect(readdirSync(other)).toEqual(['notes.txt']);
    const forced = at('forced');
    cpSync(run, forced, { recursive: true });
    const options = ['--out', forced, ...tiny, ...small, '--seed', '9', '--force'];
    expect((await weakspot('train', films, ...options)).code).toBe(0);
    expect(readFileSync(join(forced, 'model.onnx')).equals(before)).toBe(false);
  });
});

describe('weakspot evaluate', () => {
  it('prints a row for each model and what was evaluated', async () => {
    const { code, out } = await weakspot('evaluate', run, '--no-cache');
    expect(code).toBe(0);
    const lines = out.join('\n').split('\n');
    expect(lines[0]).toMatch(
      /^Method +ACC +AUC +AP\+ +AP- +Loc AP +Hit rate +Random +Shuffled +Mean map +Fixed +Bright +Dark$/,
    );
    expect(lines[2]).toMatch(/^STL\+AvePool( +(\.\d{3}|1\.000|-)){12}$/);
    expect(lines[3]).toMatch(/^ACC: accuracy; AUC: /);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines.at(-1)).toMatch(/^films: 8 images, \d positive, \d of them located$/);
  });

  it('prints one record of fixed keys with --json and nothing else on standard output', async () => {
    const record = recordOf(await weakspot('evaluate', run, '--no-cache', '--json'));
    expect(Object.keys(record)).toEqual(recordKeys);
    expect(record).toMatchObject({ method: 'STL+AvePool', dataset: 'films', images: 8 });
  });

  it('measures all metrics with --full, beside maps that have learned nothing', async () => {
    const { code, out, err } = await weakspot('evaluate', run, '--no-cache', '--full', '--resamples', '40');
    expect(code).toBe(0);
    const lines = out.join('\n').split('\n');
    const of = lines.findIndex((line) => line.startsWith('Metric'));
    expect(lines[of - 1]).toMatch(/^STL\+AvePool on films, intervals by 40 resamples of \d patients?, seed 1$/);
    expect(lines[of]).toMatch(/^Metric +Value +95% interval +Random +Centred +Mean map +Bright +Dark$/);
    expect(lines.find((line) => line.startsWith('Brier'))).toMatch(/^Brier +\.\d{3} +\.\d{3} to \.\d{3}( +-){5}$/);
    expect(lines.find((line) => line.startsWith('PxAP'))).toMatch(/^PxAP +\.\d{3} +\.\d{3} to \.\d{3}( +\.\d{3}){5}$/);
    expect(err.findLast((line) => line.startsWith('resampling'))).toBe('resampling 40/40');
  });

  it('adds all metrics to the record under further keys', async () => {
    const options = ['--no-cache', '--full', '--resamples', '20', '--json'];
    const usual = recordOf(await weakspot('evaluate', run, '--no-cache', '--json'));
    const full = recordOf(await weakspot('evaluate', run, ...options));
    expect(Object.keys(full)).toEqual([...recordKeys, 'bootstrap', 'metrics']);
    expect(full).toMatchObject({ ...usual, bootstrap: { seed: 1, resamples: 20, level: 0.95 } });
    const metrics = full['metrics'] as Record<string, Record<string, number | null>>;
    for (const key of ['acc', 'auc', 'apPositive', 'apNegative', 'locAp', 'hitRate'])
      expect(metrics[key]?.['value'], key).toBeCloseTo(usual[key] as number, 12);
    expect(Object.keys(metrics['acc'] ?? {})).toEqual(['value', 'low', 'high']);
    const maps = ['random', 'centred', 'mean', 'brightest', 'darkest'];
    expect(Object.keys(metrics['dice'] ?? {})).toEqual(['value', 'low', 'high', ...maps]);
    expect(recordOf(await weakspot('evaluate', run, ...options))).toEqual(full);
    expect(recordOf(await weakspot('evaluate', run, ...options, '--seed', '2'))['metrics']).not.toEqual(metrics);
  });

  it('evaluates other films, alike by a run and by the file exported from it', async () => {
    const other = at('unseen');
    expect((await weakspot('phantom', other, '--count', '6', '--size', '96', '--seed', '8')).code).toBe(0);
    expect((await weakspot('export', run, '--out', model)).code).toBe(0);
    const options = ['--data', other, '--no-cache', '--json'];
    const record = recordOf(await weakspot('evaluate', run, ...options));
    expect(record).toMatchObject({ dataset: 'unseen', images: 6 });
    expect(recordOf(await weakspot('evaluate', model, ...options))).toEqual(record);
  });

  it('turns the metrics round with the other class as the positive one', async () => {
    const usual = recordOf(await weakspot('evaluate', run, '--no-cache', '--json'));
    const turned = recordOf(await weakspot('evaluate', run, '--no-cache', '--json', '--positive', 'normal'));
    expect(turned['positives']).toBe(8 - Number(usual['positives']));
    expect(turned['apPositive']).toBeCloseTo(Number(usual['apNegative']), 9);
    expect((await weakspot('evaluate', run, '--positive', 'nrmal')).code).toBe(2);
  });

  it('reads another map with --map, and names it in the table', async () => {
    const usual = recordOf(await weakspot('evaluate', run, '--no-cache', '--json'));
    const { out } = await weakspot('evaluate', run, '--no-cache', '--map', 'difference');
    expect(out.join('\n')).toMatch(/^STL\+AvePool, difference map( +(\.\d{3}|1\.000|-)){12}$/m);
    const other = recordOf(await weakspot('evaluate', run, '--no-cache', '--map', 'difference', '--json'));
    const { positive, difference } = usual['hitRates'] as Record<string, number>;
    expect([usual['map'], usual['hitRate'], other['map'], other['hitRate']]).toEqual([
      'positive',
      positive,
      'difference',
      difference,
    ]);
    expect([other['auc'], other['hitRates']]).toEqual([usual['auc'], usual['hitRates']]);
    const [line] = (await weakspot('localize', run, films, '--map', 'negative', '--json')).out;
    expect(JSON.parse(line ?? '')).toMatchObject({ map: 'negative' });
    expect((await weakspot('evaluate', run, '--map', 'heat')).code).toBe(2);
    const layerCam = recordOf(await weakspot('evaluate', run, '--no-cache', '--map', 'layercam', '--json'));
    expect(layerCam).toMatchObject({ map: 'layercam', auc: usual['auc'], negativeShare: null, hitRates: null });
    const gradCam = await weakspot('evaluate', run, '--no-cache', '--map', 'gradcam', '--json');
    expect(recordOf(gradCam)).toMatchObject({ map: 'gradcam', images: 8, negativeShare: null, hitRates: null });
  });

  it('warns where the evidence lies in the other class, and says what to do', async () => {
    // The same probabilities, all of the margin in the negative class's map.
    const turned = at('turned');
    cpSync(run, turned, { recursive: true });
    const file = join(turned, 'checkpoints', 'last.safetensors');
    const checkpoint = await loadCheckpoint(file);
    const parameters = new Map(weightsOf(checkpoint));
    for (const name of ['localizer.weight', 'localizer.bias']) {
      const { shape, data } = parameters.get(name)!;
      const half = data.length / 2;
      const margin = data.slice(half).map((value, i) => data[i]! - value);
      parameters.set(name, { shape, data: Float32Array.from([...margin, ...margin.map(() => 0)]) });
    }
    await saveCheckpoint(file, { ...checkpoint, parameters, average: new Map() });
    // Labelled by what the model says, so that it is always right.
    const said = (await weakspot('localize', run, join(films, 'images'), '--json')).out
      .map((line) => JSON.parse(line) as { file: string; probabilities: { lesion: number } })
      .toSorted((a, b) => a.probabilities.lesion - b.probabilities.lesion)
      .map(({ file: film }, rank) => `${film},${rank < 12 ? 'normal' : 'lesion'}`);
    const labels = join(writeTree(at('said'), { 'labels.csv': ['file,label', ...said].join('\n') }), 'labels.csv');
    const evaluate = (...args: string[]) => weakspot('evaluate', turned, '--data', labels, '--no-cache', ...args);
    const { out, err } = await evaluate('--json');
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ auc: 1, negativeShare: 1, hitRates: null });
    const told = err.join('\n').replaceAll(/\s+/g, ' ');
    expect(told).toContain(
      "The evidence lies in the other classes' maps, not in the positive class's map, which is the one that is read",
    );
    expect(told).toContain('100 % of the evidence for positive images');
    expect(told).toContain('localizer.evidence: single');
    const { warnings } = JSON.parse(out[0] ?? '') as { warnings: { code: string; figures: object }[] };
    expect(warnings).toContainEqual(
      expect.objectContaining({
        code: 'evidence-elsewhere',
        figures: expect.objectContaining({ negativeShare: 1 }) as object,
      }),
    );
    // The data set has no copies of the images in it but those very files, of which most were trained on.
    expect(warnings[0]).toMatchObject({ code: 'trained-on', figures: { trained: 16, images: 24 } });
    const negative = await evaluate('--map', 'negative');
    expect([negative.code, negative.err.join('\n')]).toEqual([0, expect.not.stringContaining('evidence')]);
  });

  it('leaves out what cannot be read, or stops if strict', async () => {
    const damaged = at('damaged');
    cpSync(films, damaged, { recursive: true });
    // Cut short: its header can be read, its pixels cannot.
    truncateSync(join(damaged, 'images', 'phantom-00002.png'), 1000);
    const options = ['--data', damaged, '--no-cache', '--json'];
    const result = await weakspot('evaluate', run, ...options);
    expect(recordOf(result)['images']).toBe(23);
    expect(result.err.filter((line) => line.includes('phantom-00002.png'))).toHaveLength(1);
    expect(result.err.findLast((line) => line.startsWith('evaluating'))).toMatch(/24\/24$/);
    const strict = await weakspot('evaluate', run, ...options, '--strict');
    expect([strict.code, strict.out]).toEqual([1, []]);
    expect(strict.err.join('\n')).toContain('phantom-00002.png');
  });

  it('keeps the numbers of the models before one that fails', async () => {
    const { code, out, err } = await weakspot('evaluate', run, at('gone'), '--no-cache');
    expect(code).toBe(1);
    expect(out.join('\n')).toContain('STL+AvePool');
    expect(err.join('\n')).toContain(`There is no model or run at ${at('gone')}`);
  });

  it.each<[string, string[], number, RegExp]>([
    ['a model file without data', [join(run, 'model.onnx')], 2, /--data/],
    ['a folder of films', [films], 1, /is not a run/],
    ['another kind of file', [join(films, 'labels.csv')], 1, /not a model/],
    ['a part that is empty', [run, '--part', 'validation'], 1, /validation part of films is empty/],
    ['a part of a set without parts', [join(run, 'model.onnx'), '--data', films, '--part', 'test'], 1, /split/],
    ['boxes without labels', [run, '--boxes', join(films, 'boxes.csv')], 2, /--boxes needs --data/],
    ['data that are a run', [run, '--data', run], 1, /no labelled images/],
  ])('refuses %s', async (_, args, code, problem) => {
    const result = await weakspot('evaluate', ...args, '--no-cache');
    expect([result.code, result.out]).toEqual([code, []]);
    expect(result.err.join('\n')).toMatch(problem);
  });
});

describe('a set with several labels an image', () => {
  it('is trained, evaluated per class with means, and localized', async () => {
    const table = readFileSync(join(films, 'labels.csv'), 'utf8').trimEnd().split('\n');
    const [header = '', ...rows] = table;
    const place = header.split(',').indexOf('label');
    // Every other film is also "left", whatever else it is.
    const several = rows.map((row, i) => {
      const cells = row.split(',');
      if (i % 2 === 0) cells[place] = `${cells[place]}|left`;
      return cells.join(',');
    });
    const set = at('several');
    cpSync(films, set, { recursive: true });
    writeFileSync(join(set, 'labels.csv'), [header, ...several].join('\n'));
    const out = at('several-run');
    const first = await weakspot('train', set, '--out', out, ...tiny, ...small);
    expect([first.code, first.err.join('\n')]).toEqual([
      0,
      expect.stringContaining('classes left, lesion (an image may have several)'),
    ]);
    const record = recordOf(await weakspot('evaluate', out, '--no-cache', '--json'));
    const classes = record['classes'] as { class: string; auc: number }[];
    expect(classes.map((one) => one.class)).toEqual(['left', 'lesion']);
    expect(record['auc']).toBeCloseTo((classes[0]!.auc + classes[1]!.auc) / 2, 12);
    const rowsOf = (await weakspot('evaluate', out, '--no-cache')).out.join('\n');
    // Each label counts: the mean's row has more of them than images.
    expect(rowsOf).toMatch(/^several: 8 images, \d+ labels, \d+ of them located$/m);
    expect(rowsOf).toMatch(/^STL\+AvePool, mean of 2 .*\nSTL\+AvePool, left .*\nSTL\+AvePool, lesion /m);
    const [line = ''] = (await weakspot('localize', join(out, 'model.onnx'), set, '--json')).out;
    expect(Object.keys((JSON.parse(line) as { probabilities: object }).probabilities)).toEqual(['left', 'lesion']);
    const refused = await weakspot('train', set, '--out', at('x'), ...tiny, '--set', 'localizer.penalty=1');
    expect([refused.code, refused.err.join('\n')]).toEqual([2, expect.stringContaining('localizer.penalty')]);
    expect(existsSync(at('x'))).toBe(false);
  });
});

describe('weakspot localize', () => {
  it('writes a result and a picture for each image, in the folders’ structure', async () => {
    const out = at('found');
    const { code, out: lines, err } = await weakspot('localize', run, films, '--out', out);
    expect([code, lines]).toEqual([0, []]);
    expect(err.at(-1)).toMatch(/^24 images localized in .*found: .*; passed over: 2 CSV, 1 JSON$/);
    const names = readdirSync(join(out, 'images'));
    expect(names).toHaveLength(48);
    const result: unknown = JSON.parse(readFileSync(join(out, 'images', 'phantom-00001.png.json'), 'utf8'));
    expect(result).toMatchObject({ file: join(films, 'images', 'phantom-00001.png'), width: 64, positive: 'lesion' });
    expect(
      readFileSync(join(out, 'images', 'phantom-00001.png.overlay.png'))
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  it('writes the same results as lines of JSON, by a run and by the file exported from it', async () => {
    await weakspot('export', run, '--out', model, '--force');
    const one = await weakspot('localize', run, join(films, 'images'), '--json');
    expect([one.code, one.out.length]).toEqual([0, 24]);
    expect((await weakspot('localize', run, films)).out).toEqual(one.out);
    const other = await weakspot('localize', model, join(films, 'images'), '--json');
    expect(other.out).toEqual(one.out);
    const all = await weakspot('localize', run, join(films, 'images'), '--json', '--min-probability', '0');
    const none = await weakspot('localize', run, join(films, 'images'), '--json', '--min-probability', '1');
    const boxes = ({ out }: CommandResult) => out.map((line) => (JSON.parse(line) as { boxes: [] }).boxes.length);
    expect(Math.min(...boxes(all))).toBeGreaterThan(0);
    expect(Math.max(...boxes(none))).toBe(0);
  });

  it('without options prints an image’s result, and says it in a line', async () => {
    const film = join(films, 'images', 'phantom-00001.png');
    const { code, out: lines, err } = await weakspot('localize', run, film);
    expect([code, lines.length]).toEqual([0, 1]);
    const { file, probabilities, response, boxes } = JSON.parse(lines[0] ?? '') as Localization;
    expect(file).toBe(film);
    const found = `${boxes.length === 0 ? 'no' : boxes.length} ${boxes.length === 1 ? 'box' : 'boxes'}`;
    const said = `lesion ${probabilities['lesion']?.toFixed(3)}, response at (${response.x}, ${response.y}), ${found}`;
    expect(err.at(-1)).toBe(`phantom-00001.png: ${said}`);
  });

  it('does not write into a folder that holds something, unless forced, and never localizes its own pictures', async () => {
    const out = writeTree(at('mixed'), { 'film.pgm': flatPgm(20, 30) });
    const refused = await weakspot('localize', run, out, '--out', out);
    expect(refused.code).toBe(1);
    expect(readdirSync(out)).toEqual(['film.pgm']);
    for (let time = 0; time < 2; time++)
      expect((await weakspot('localize', run, out, '--out', out, '--force')).code).toBe(0);
    expect(readdirSync(out).toSorted()).toEqual(['film.pgm', 'film.pgm.json', 'film.pgm.overlay.png']);
    rmSync(join(out, 'film.pgm'));
    expect((await weakspot('localize', run, out, '--out', out, '--force')).err.join('\n')).toContain('no images');
  });

  it('reports what cannot be read, and fails only where nothing can', async () => {
    const mixed = writeTree(at('halves'), { 'a.pgm': flatPgm(1, 1), 'b.png': 'text' });
    const some = await weakspot('localize', run, mixed, '--out', at('halves-found'), '--no-overlay');
    expect(some.code).toBe(0);
    expect(some.err.at(-1)).toMatch(/^1 image localized in .*halves-found: 1 \w+, 1 could not be read$/);
    expect(readdirSync(at('halves-found'))).toEqual(['a.pgm.json']);
    expect((await weakspot('localize', run, join(mixed, 'b.png'), '--json')).code).toBe(1);
    expect((await weakspot('localize', run, mixed, '--json', '--strict')).code).toBe(1);
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'two images of one name',
      [at('twins', 'a'), at('twins', 'b'), '--out', at('x')],
      2,
      /Two of the images are named 1\.pgm/,
    ],
    ['a folder without images', [at('twins', 'empty'), '--out', at('x')], 1, /no images/],
    ['a path where nothing is', [at('gone'), '--out', at('x')], 1, /no file or folder/],
  ])('refuses %s', async (_, args, code, problem) => {
    writeTree(at('twins'), { 'a/1.pgm': flatPgm(2, 2), 'b/1.pgm': flatPgm(2, 2) });
    mkdirSync(at('twins', 'empty'), { recursive: true });
    const result = await weakspot('localize', run, ...args);
    expect([result.code, result.out]).toEqual([code, []]);
    expect(result.err.join('\n')).toMatch(problem);
    expect(existsSync(at('x'))).toBe(false);
  });
});

describe('--device', () => {
  // No build of ONNX Runtime has both.
  const absent = process.platform === 'win32' ? 'coreml' : 'dml';

  it.each<[string, string[]]>([
    ['train', ['train', films, '--out', at('nowhere'), ...tiny]],
    ['evaluate', ['evaluate', run, '--no-cache']],
    ['localize', ['localize', run, films, '--out', at('nowhere')]],
  ])('%s: a device that is not there is an error that says why and what to do', async (_, args) => {
    const { code, out, err } = await weakspot(...args, '--device', absent);
    expect([code, out]).toEqual([1, []]);
    const text = err.join('\n');
    expect(text).toContain(
      `error: The device "${absent}" cannot be used: this build of ONNX Runtime does not have it.`,
    );
    expect(text).toMatch(/^hint: .*weakspot doctor/m);
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it('auto works everywhere, and says what it took', async () => {
    const { code, err } = await weakspot('evaluate', run, '--no-cache', '--device', 'auto');
    expect([code, err.join('\n')]).toEqual([0, expect.stringMatching(/^device: \w+$/m)]);
  });
});

describe('weakspot export', () => {
  it('writes the model of the run, and overwrites only by force', async () => {
    const out = at('copy.onnx');
    const { code, err } = await weakspot('export', run, '--out', out);
    expect(code).toBe(0);
    expect(err[0]).toMatch(/^STL\+AvePool after 2 epochs, \d+\.\d MB: /);
    expect(readFileSync(out).equals(readFileSync(join(run, 'model.onnx')))).toBe(true);
    writeFileSync(out, 'mine');
    expect((await weakspot('export', run, '--out', out)).code).toBe(1);
    expect(readFileSync(out, 'utf8')).toBe('mine');
    expect((await weakspot('export', run, '--out', out, '--force')).code).toBe(0);
    expect(readFileSync(out).length).toBeGreaterThan(1000);
  });

  it('writes the map that is asked for, and says so', async () => {
    const out = at('layercam.onnx');
    const { code, err } = await weakspot('export', run, '--out', out, '--map', 'layercam');
    expect([code, err[0]]).toEqual([0, expect.stringMatching(/^STL\+AvePool, layercam map, after 2 epochs, /)]);
    expect((await readModel(out)).info.map).toBe('layercam');
    const refused = await weakspot('export', run, '--out', at('no.onnx'), '--map', 'positive+flips');
    expect(refused.code).toBe(2);
    expect(refused.err.join(' ')).toMatch(
      /needs a run whose training images were mirrored .* hint: Read the map "positive"/,
    );
    expect(existsSync(at('no.onnx'))).toBe(false);
  });

  it('says that a run has no best checkpoint without a validation part', async () => {
    const { code, err } = await weakspot('export', run, '--out', at('best.onnx'), '--checkpoint', 'best');
    expect(code).toBe(1);
    expect(err.join('\n')).toContain('"best" needs a validation part');
  });
});

describe('weakspot phantom', () => {
  it('writes films, says so as JSON, and nothing else on standard output', () => {
    expect(made.err).toEqual(['phantoms 24/24']);
    expect(JSON.parse(made.out.join('\n'))).toMatchObject({ folder: films, images: 24 });
    expect(readdirSync(join(films, 'images'))).toHaveLength(24);
  });

  it('replaces a set of phantoms by force only, and nothing else', async () => {
    expect((await weakspot('phantom', films, '--count', '1', '--size', '64')).code).toBe(1);
    expect(readdirSync(join(films, 'images'))).toHaveLength(24);
    const set = at('set');
    expect((await weakspot('phantom', set, '--count', '2', '--size', '64')).err.at(-1)).toMatch(/^2 images, \d with/);
    expect((await weakspot('phantom', set, '--count', '1', '--size', '64', '--bits', '16', '--force')).code).toBe(0);
    expect(readdirSync(join(set, 'images'))).toHaveLength(1);
    expect((await weakspot('phantom', run, '--count', '1', '--force')).code).toBe(1);
  });
});

describe('what the file system refuses', () => {
  // Nothing is refused to the superuser.
  it.skipIf(process.getuid?.() === 0)('is told without a stack', async () => {
    const locked = at('locked');
    mkdirSync(locked);
    chmodSync(locked, 0o000);
    for (const args of [
      ['localize', run, locked, '--json'],
      ['localize', run, films, '--out', join(locked, 'x')],
      ['train', locked, '--out', at('x'), '--no-cache'],
      ['export', run, '--out', join(locked, 'm.onnx')],
    ]) {
      const { code, err } = await weakspot(...args);
      expect(code).toBe(1);
      expect(err.join('\n')).not.toMatch(/^\s+at /m);
    }
    chmodSync(locked, 0o700);
  });
});
