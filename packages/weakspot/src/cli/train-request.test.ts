import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import type { SetMeasures } from '../propose/index.js';
import type { RunConfig } from '../run/config.js';
import { readConfig, runFolder } from '../run/folder.js';
import type { Chooser } from './chosen.js';
import { startWeakspotIn, succeeded, weakspot } from './testing/command.js';
import { type TrainFlags, makeRequest } from './train-request.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

function file(text: string): string {
  writeTree(folder, { 'run.yaml': text });
  return join(folder, 'run.yaml');
}

async function configOf(data: string | undefined, flags: Partial<TrainFlags>) {
  const request = await makeRequest(data, { out: 'run', cache: false, ...flags });
  if (request.resume) throw new Error('not a new run');
  return request.config;
}

/** Of ten images. */
const measures: SetMeasures = {
  name: 'films',
  images: 10,
  classes: [5, 5],
  multiLabel: false,
  givenParts: 0,
  givenTraining: 0,
  fileTraining: undefined,
  looked: 10,
  width: 100,
  height: 100,
  aspect: 1,
  depths: [8],
  low: 0,
  high: 1,
  windowed: false,
};

describe('makeRequest', () => {
  it('lays options over the file over the defaults', async () => {
    const config = file(
      'data: { path: films }\nepochs: 7\nbatch: 5\noptimizer: { momentum: 0.5, learningRate: 0.1 }\n',
    );
    const made = await configOf(undefined, { config, batch: 6, learningRate: 0.2, size: { width: 96, height: 64 } });
    expect(made).toMatchObject({ epochs: 7, batch: 6, optimizer: { momentum: 0.5, learningRate: 0.2 }, seed: 0 });
    expect(made.data.path).toBe(join(folder, 'films'));
    expect(made.preprocessing).toMatchObject({ width: 96, height: 64, antialias: true });
  });

  it('takes the data named on the command line rather than the file’s', async () => {
    const config = file('data: { path: films, positive: tb, format: table }\n');
    const { data } = await configOf('others', { config });
    expect(data).toMatchObject({ path: 'others', positive: 'tb', format: 'table' });
    expect((await configOf('others', { config, format: 'class-folders' })).data.format).toBe('class-folders');
  });

  it('lays --set over the other options', async () => {
    expect(await configOf('films', { epochs: 3, set: { epochs: 4 } })).toMatchObject({ epochs: 4 });
  });

  it('lays a way of dividing over another one of the file', async () => {
    const config = file('data: { path: films, split: { folds: 5, fold: 0, seed: 4 } }\n');
    const split = async (flags: Partial<TrainFlags>): Promise<unknown> => {
      return (await configOf(undefined, { config, ...flags })).data.split;
    };
    expect(await split({ fold: 2 })).toEqual({ folds: 5, fold: 2, seed: 4, validation: 0.1 });
    expect(await split({ splitFile: 's.csv', fold: 2 })).toEqual({ file: 's.csv', fold: 2, validation: 0 });
    const shares = { train: 0.75, validation: 0, test: 0.25 };
    expect(await split({ split: shares, splitSeed: 1 })).toEqual({ ...shares, seed: 1 });
  });

  it('does not hide a section of the file that is no section', async () => {
    for (const text of ['optimizer: sgd\n', 'network: compact\n', 'preprocessing: 64\n', 'data: films\n']) {
      const data = text.startsWith('data') ? undefined : 'films';
      const failure = await failureOf(() => configOf(data, { config: file(text) }));
      expect([text, failure.code]).toEqual([text, 'config']);
      expect(failure.message).toContain('run.yaml:1: ');
    }
  });

  it('asks for data where there are none', async () => {
    for (const text of ['epochs: 3\n', 'data:\n', 'data: { positive: tb }\n']) {
      expect(await failureOf(() => configOf(undefined, { config: file(text) }))).toMatchObject({ code: 'usage' });
    }
  });

  it('has no cache with --no-cache, and the one that is named', async () => {
    expect((await makeRequest('films', { out: 'run', cache: false })).cache).toBeUndefined();
    expect((await makeRequest('films', { out: 'run', cache: '/c' })).cache).toBe('/c');
  });

  it('resumes with the run alone: other settings are refused, not ignored', async () => {
    expect(await makeRequest(undefined, { out: 'run', cache: false, resume: true })).toEqual({
      run: 'run',
      cache: undefined,
      resume: true,
    });
    const others: [string | undefined, Partial<TrainFlags>][] = [
      ['films', {}],
      [undefined, { epochs: 9 }],
      [undefined, { threads: 1 }],
      [undefined, { device: 'auto' }],
      [undefined, { strict: true }],
      [undefined, { set: { seed: 1 } }],
      [undefined, { config: 'run.yaml' }],
      [undefined, { preset: 'paper' }],
      [undefined, { force: true }],
    ];
    for (const [data, flags] of others) {
      const failure = await failureOf(() => makeRequest(data, { out: 'run', cache: false, resume: true, ...flags }));
      expect(failure).toMatchObject({ code: 'usage' });
    }
  });

  it('takes the device that is named, else the file’s, else the CPU', async () => {
    const config = file('data: { path: films }\ndevice: webgpu\n');
    expect((await configOf('films', {})).device).toBe('cpu');
    expect((await configOf(undefined, { config })).device).toBe('webgpu');
    expect((await configOf(undefined, { config, device: 'auto' })).device).toBe('auto');
  });

  it('asks for event files, of a resumed run too', async () => {
    const resumed = await makeRequest(undefined, { out: 'run', cache: false, resume: true, tensorboard: true });
    expect(resumed).toEqual({ run: 'run', cache: undefined, resume: true, tensorboard: true });
    expect(await makeRequest('films', { out: 'run', cache: false, tensorboard: true })).toMatchObject({
      tensorboard: true,
    });
  });

  it('says how to resume on another device', async () => {
    const flags = { out: 'run', cache: false, resume: true, device: 'cpu' };
    const { hint } = await failureOf(() => makeRequest(undefined, flags));
    expect(hint).toContain(`"device" in ${join('run', 'config.json')}`);
  });
});

describe('weakspot train', () => {
  const out = join(folder, 'run');

  it('names file and line of every wrong key, with the nearest right one, and starts nothing', async () => {
    const config = file('data: { path: films }\nepoch: 3\noptimizer:\n  momentun: 0.9\n  warmup: -1\n');
    const { code, out: lines, err } = await weakspot('train', '--config', config, '--out', out);
    expect([code, lines]).toEqual([2, []]);
    const text = err.join('\n');
    expect(text).toContain(`${config}:2: unknown key "epoch" (did you mean "epochs"?)`);
    expect(text).toContain(`${config}:4: unknown key "optimizer.momentun" (did you mean "momentum"?)`);
    expect(text).toContain(`${config}:5: optimizer.warmup: `);
    expect(err[0]).toMatch(/^error: 3 problems/);
  });

  it('names the line of bad YAML', async () => {
    const config = file('data: { path: films }\nepochs: "3\n');
    const { code, err } = await weakspot('train', '--config', config, '--out', out);
    expect(code).toBe(2);
    expect(err[0]).toMatch(/run\.yaml:[23]: not YAML: \S/);
  });

  it('asks what to train on, and which run to continue', async () => {
    const nothing = await weakspot('train', '--out', out);
    expect([nothing.code, nothing.err[0]]).toEqual([2, 'error: Say what to train on: weakspot train DATA.']);
    const { code, err } = await weakspot('train', 'runs/films-1', '--resume');
    expect([code, err]).toEqual([
      2,
      [
        'error: Say which run to continue: weakspot train --out RUN --resume.',
        'hint: If runs/films-1 is the run: weakspot train --out runs/films-1 --resume',
      ],
    ]);
  });

  it('needs no option: what is left open suits the data, and the run is numbered', async () => {
    const films = join(folder, 'films');
    succeeded(await weakspot('phantom', films, '--count', '16', '--size', '64'));
    const command = startWeakspotIn(folder, 'train', 'films', '--epochs', '1', '--threads', '1', '--no-cache');
    const { err } = succeeded(await command.ended);
    expect(err[0]).toBe('films: 16 images. Settings that were not given are chosen to suit them:');
    expect(err).toContain(
      '  network field: its cells see little of the image, so that a map lies where its evidence is',
    );
    const run = join(folder, 'runs', 'films-1');
    expect(err).toContain(`done: ${run}`);
    const { config } = await readConfig(runFolder(run));
    expect(config).toMatchObject({
      network: { name: 'field', dropout: 0.5 },
      preprocessing: { width: 64, height: 64, intensity: { range: 'display' } },
      data: { split: { train: 0.75, validation: 0, test: 0.25 } },
      epochs: 1,
      batch: 2,
      optimizer: { kind: 'adamw', learningRate: 0.000125, warmup: 1 },
      balance: 'batch',
    });
    // What fails leaves no folder behind.
    const failed = await startWeakspotIn(folder, 'train', 'films', '--folds', '50', '--fold', '1').ended;
    expect([failed.code, existsSync(join(folder, 'runs', 'films-2'))]).toEqual([2, false]);
  });

  it('lays the file over the preset, and the preset over what suits the data', async () => {
    const look = () => Promise.resolve({ ...measures, width: 4000, height: 4000 });
    const chosen = async (flags: Partial<TrainFlags>): Promise<RunConfig> => {
      const request = await makeRequest('films', { out: 'run', cache: false, ...flags }, { chooser: { look, tell } });
      if (request.resume) throw new Error('not a new run');
      return request.config;
    };
    const told: unknown[] = [];
    const tell: Chooser['tell'] = (_, given) => told.push(given);
    expect(await chosen({})).toMatchObject({ network: { name: 'field' }, epochs: 60, batch: 2 });
    expect(await chosen({ preset: 'small' })).toMatchObject({ network: { name: 'small' }, epochs: 25, batch: 16 });
    const config = file('epochs: 7\n');
    const both = await chosen({ preset: 'small', config, batch: 5 });
    expect(both).toMatchObject({ network: { name: 'small' }, epochs: 7, batch: 5, alpha: { at: 4 } });
    expect(told).toHaveLength(3);
  });

  it('refuses a value that is wrong in --set', async () => {
    for (const setting of ['epochs=[', 'epochs=0', 'epoch=3', 'epochs']) {
      const { code, err } = await weakspot('train', 'films', '--out', out, '--set', setting);
      expect([setting, code]).toEqual([setting, 2]);
      expect(err.join('\n')).not.toMatch(/^\s+at /m);
    }
  });

  it('fails where the data are not there, whatever is in their place', async () => {
    const empty = writeTree(join(folder, 'texts'), { 'a/x.txt': 'x', 'b/y.txt': 'y', 'file.txt': 'z' });
    for (const data of [join(folder, 'nothing'), empty, join(empty, 'a'), join(empty, 'file.txt')]) {
      const { code, err } = await weakspot('train', data, '--out', out, '--no-cache');
      expect([data, code]).toEqual([data, 1]);
      expect(err[0]).toContain(data);
      expect(err.join('\n')).not.toMatch(/^\s+at /m);
    }
  });
});
