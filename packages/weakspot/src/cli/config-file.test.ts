import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { parseSetting, readConfigFile } from './config-file.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

function written(text: string): string {
  writeTree(folder, { 'run.yaml': text });
  return join(folder, 'run.yaml');
}

describe('readConfigFile', () => {
  it('takes paths in data from its own folder, and leaves absolute ones', async () => {
    const file = written('data: { path: films, images: ../raw, boxes: /set/boxes.csv, positive: tb }\nepochs: 3\n');
    const { content } = await readConfigFile(file);
    expect(content).toEqual({
      data: {
        path: join(folder, 'films'),
        images: join(folder, '..', 'raw'),
        boxes: '/set/boxes.csv',
        positive: 'tb',
      },
      epochs: 3,
    });
  });

  it('takes the path of a split file from its own folder too', async () => {
    const { content } = await readConfigFile(written('data: { path: a, split: { file: s.csv, fold: 1 } }\n'));
    expect(content).toEqual({ data: { path: join(folder, 'a'), split: { file: join(folder, 's.csv'), fold: 1 } } });
    const shares = await readConfigFile(written('data: { split: [1] }\n'));
    expect(shares.content).toEqual({ data: { split: [1] } });
  });

  it('tells the line of a key, whether its value is beside or below it', async () => {
    const text =
      '# comment\nepochs: 3\noptimizer:\n  momentum: 0.9\n  schedule:\n    at: [1,\n      2]\nalpha:\n  kind:\n    step\n';
    const { lineOf } = await readConfigFile(written(text));
    expect(lineOf(['epochs'])).toBe(2);
    expect(lineOf(['optimizer'])).toBe(3);
    expect(lineOf(['optimizer', 'momentum'])).toBe(4);
    expect(lineOf(['optimizer', 'schedule', 'at', 1])).toBe(7);
    expect(lineOf(['alpha', 'kind'])).toBe(9);
    // A key that is missing is missed where it should stand.
    expect(lineOf(['optimizer', 'learningRate'])).toBe(3);
    expect(lineOf(['batch'])).toBeUndefined();
  });

  it('names file and line of what is not YAML', async () => {
    const file = written('epochs: 3\nbatch: [1, 2\nseed: 4\n');
    const failure = await failureOf(() => readConfigFile(file));
    expect(failure).toMatchObject({ code: 'config', hint: 'The file must be YAML.' });
    expect(failure.message).toMatch(/run\.yaml:[23]: not YAML: \S/);
    expect(failure.message).not.toContain('\n');
    expect(await failureOf(() => readConfigFile(written('epochs: *nowhere\n')))).toMatchObject({ code: 'config' });
  });

  it.each(['- epochs: 3\n', 'forty\n', '7\n'])('refuses a file that is no keys with values: %j', async (text) => {
    const failure = await failureOf(() => readConfigFile(written(text)));
    expect(failure).toMatchObject({ code: 'config', hint: 'Begin with a line such as "epochs: 40".' });
  });

  it('takes an empty file as one without settings', async () => {
    expect((await readConfigFile(written('# nothing yet\n'))).content).toEqual({});
  });

  it('names a file that cannot be read', async () => {
    for (const path of [folder, join(folder, 'nowhere.yaml')]) {
      const failure = await failureOf(() => readConfigFile(path));
      expect(failure.code).toBe('config');
      expect(failure.message).toContain(path);
    }
  });
});

describe('parseSetting', () => {
  it('puts a YAML value at a dotted key', () => {
    expect(parseSetting('optimizer.momentum=0.95')).toEqual({ optimizer: { momentum: 0.95 } });
    expect(parseSetting('network.classifier=[8, 4]')).toEqual({ network: { classifier: [8, 4] } });
    expect(parseSetting('data.positive=a=b')).toEqual({ data: { positive: 'a=b' } });
    expect(parseSetting('optimizer.clipNorm=null')).toEqual({ optimizer: { clipNorm: null } });
  });

  it.each(['epochs', '=3', 'a..b=3', '.a=3', 'epochs=[', 'epochs={['])('refuses %j', async (text) => {
    const failure = await failureOf(() => parseSetting(text));
    expect(failure.code).toBe('usage');
    expect(failure.message).toContain(`--set ${text}`);
    expect(failure.message).not.toContain('\n');
  });
});
