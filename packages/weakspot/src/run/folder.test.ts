import { mkdirSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { resolveConfig } from './config.js';
import {
  type RunInfo,
  isOccupied,
  isRun,
  readConfig,
  readSplit,
  runFolder,
  writeConfig,
  writeSplit,
} from './folder.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const info: RunInfo = { format: 1, weakspot: '0.1.0', dataset: 'lungs', classes: ['clear', 'tb'], positive: 1 };

describe('runFolder', () => {
  it('names absolute places', () => {
    const run = runFolder('some/run');
    expect(isAbsolute(run.path)).toBe(true);
    expect(run.checkpoint('best')).toBe(join(run.path, 'checkpoints', 'best.safetensors'));
  });
});

describe('config.json', () => {
  it('gives back the configuration and what was fixed at the start', async () => {
    const run = runFolder(join(folder, 'run'));
    const config = resolveConfig(
      { data: { path: 'x', positive: 'tb' }, network: { classifier: [8] } },
      { source: 'test', threads: 2 },
    );
    await writeConfig(run, info, config);
    expect(await readConfig(run)).toEqual({ run: info, config });
  });

  it('of a version that knew no device but the CPU: says the CPU', async () => {
    const run = runFolder(join(folder, 'older'));
    const { device, ...older } = resolveConfig({ data: { path: 'x' } }, { source: 'test', threads: 2 });
    writeTree(run.path, { 'config.json': JSON.stringify({ run: info, config: older }) });
    expect((await readConfig(run)).config).toEqual({ ...older, device: 'cpu' });
    expect(device).toBe('cpu');
  });

  it('missing: the folder is named as no run, with what to give', async () => {
    const error = await failureOf(() => readConfig(runFolder(join(folder, 'nowhere'))));
    expect(error.code).toBe('model');
    expect(error.message).toContain(`${join(folder, 'nowhere')} is not a run`);
    expect(error.hint).toContain('weakspot train');
  });

  it.each([
    ['of another program', '{"model_type": "bert"}'],
    ['cut short', '{"run": {'],
    ['with a wrong value', JSON.stringify({ run: { ...info, positive: -1 }, config: {} })],
  ])('%s: refused, saying why in few words', async (_, text) => {
    const error = await failureOf(() => readConfig(runFolder(writeTree(folder, { 'config.json': text }))));
    expect(error.code).toBe('model');
    expect(error.message).toContain('config.json');
    // Not the validator's JSON.
    expect(error.message).not.toContain('"code"');
  });
});

describe('split.json', () => {
  it('gives back the parts', async () => {
    const run = runFolder(join(folder, 'split'));
    const split = new Map([
      ['b/2.png', 'train'],
      ['10', 'test'],
      ['a.png', 'validation'],
    ] as const);
    await writeSplit(run, split);
    expect(await readSplit(run)).toEqual(split);
  });

  it('with an unknown part is refused', async () => {
    const error = await failureOf(() => readSplit(runFolder(writeTree(folder, { 'split.json': '{"a": "dev"}' }))));
    expect(error.code).toBe('model');
    expect(error.message).toContain('split.json');
  });
});

describe('isRun', () => {
  it('knows a run by its config.json, even a damaged one, from other folders with such a file', async () => {
    const run = runFolder(join(folder, 'known'));
    expect(await isRun(run)).toBe(false);
    await writeConfig(run, info, resolveConfig({ data: { path: 'x' } }, { source: 'test', threads: 1 }));
    expect(await isRun(run)).toBe(true);
    writeFileSync(run.config, '{ "run": { "format": 1, "weakspot": "0.1.0", "data');
    expect(await isRun(run)).toBe(true);
    writeFileSync(run.config, '{ "model_type": "bert" }');
    expect(await isRun(run)).toBe(false);
  });
});

describe('isOccupied', () => {
  it('is false for nothing and for an empty folder, true for a file and a folder with something in it', async () => {
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'file'), '');
    expect(await isOccupied(join(folder, 'nothing'))).toBe(false);
    expect(await isOccupied(join(folder, 'empty'))).toBe(false);
    expect(await isOccupied(join(folder, 'file'))).toBe(true);
    expect(await isOccupied(folder)).toBe(true);
  });
});
