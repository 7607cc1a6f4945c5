import { createHash } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, greyPng, temporaryFolder } from '../data/testing/files.js';
import { type DataRecord } from '../run/data-record.js';
import { readConfig, runFolder } from '../run/folder.js';
import type { TrainEvent } from './events.js';
import type { TrainingRequest } from './index.js';
import { filesBelow, runHere, tinyConfig, writeImages } from './testing/runs.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const images = join(folder, 'images');
const whole = join(folder, 'whole');
const split = { train: 0.5, validation: 0.25, test: 0.25 };

beforeAll(async () => {
  await writeImages(images);
  const config = tinyConfig(images, { data: { split }, epochs: 1 });
  await runHere({ run: whole, cache: join(folder, 'cache'), resume: false, config, force: false });
});

const recordOf = (run: string): DataRecord => JSON.parse(readFileSync(join(run, 'data.json'), 'utf8')) as DataRecord;
const issuesOf = (events: readonly TrainEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'data' ? event.issues.map(({ message }) => message) : []));

type Resume = Partial<Extract<TrainingRequest, { resume: true }>>;
const resume = (run: string, more: Resume = {}): Promise<TrainEvent[]> =>
  runHere({ run, cache: undefined, ...more, resume: true });

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const hashesBelow = (run: string): string[] => filesBelow(run).map((file) => `${file} ${hashOf(join(run, file))}`);

let copies = 0;
/** A copy of the run and one of its images, at another place. */
function copied(): { run: string; data: string } {
  const place = join(folder, `copy-${copies++}`);
  const [run, data] = [join(place, 'run'), join(place, 'data')];
  cpSync(whole, run, { recursive: true });
  cpSync(images, data, { recursive: true });
  return { run, data };
}

describe('a run', () => {
  it('records of every image its label, whether it is located, and the SHA-256 of its file', () => {
    const { images: recorded, changes } = recordOf(whole);
    expect(Object.keys(recorded).toSorted()).toEqual(filesBelow(images));
    for (const [name, image] of Object.entries(recorded)) {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(images, name)))
        .digest('hex');
      expect(image).toEqual({ labels: [name.split('/')[0]], located: false, sha256 });
    }
    expect(changes).toEqual([]);
  });

  it('resumed with the same data says nothing and changes nothing', async () => {
    const { run } = copied();
    const before = readFileSync(join(run, 'data.json'));
    expect(issuesOf(await resume(run))).toEqual([]);
    expect(readFileSync(join(run, 'data.json')).equals(before)).toBe(true);
  });

  it('whose data were moved goes on with them at the new place, and keeps that', async () => {
    const { run, data } = copied();
    const config = readFileSync(join(run, 'config.json'), 'utf8');
    writeFileSync(
      join(run, 'config.json'),
      config.replace(JSON.stringify(images), JSON.stringify(join(folder, 'gone'))),
    );
    const lost = await failureOf(() => resume(run));
    expect([lost.code, lost.message, lost.hint]).toEqual([
      'data',
      expect.stringContaining(join(folder, 'gone')),
      expect.stringContaining('--data PATH'),
    ]);
    expect(issuesOf(await resume(run, { data: { path: data } }))).toEqual([]);
    expect((await readConfig(runFolder(run))).config.data).toEqual({ ...tinyConfig(images).data, path: data, split });
    // And without being told again.
    expect(issuesOf(await resume(run))).toEqual([]);
  });
});

describe('a run whose data have changed', () => {
  const change = {
    'an image removed': (data: string) => rmSync(join(data, 'clear', '2.png')),
    'an image added': (data: string) => cpSync(join(data, 'clear', '2.png'), join(data, 'clear', 'z.png')),
    'an image given other pixels': async (data: string) =>
      writeFileSync(join(data, 'lesion', '4.png'), await greyPng(new Uint8Array(1600), 40, 40)),
    'an image moved to the other class': (data: string) =>
      renameSync(join(data, 'lesion', '4.png'), join(data, 'clear', 'x.png')),
    'a box for an image': (data: string) =>
      writeFileSync(join(data, 'boxes.csv'), 'file,xmin,ymin,xmax,ymax\nlesion/4.png,1,1,9,9\n'),
  };
  it.each([
    ['an image removed', ['1 image removed: clear/2.png']],
    ['an image added', ['1 image added: clear/z.png']],
    ['an image given other pixels', ['1 image with other content: lesion/4.png']],
    ['an image moved to the other class', ['1 image removed: lesion/4.png', '1 image added: clear/x.png']],
    ['a box for an image', ['1 image with ground truth that had none before: lesion/4.png']],
  ] as const)('%s: is refused and left as it is; told to, it goes on and records what changed', async (name, lines) => {
    const { run, data } = copied();
    await change[name](data);
    const before = hashesBelow(run);
    const error = await failureOf(() => resume(run, { data: { path: data } }));
    expect([error.code, error.message.split('\n  ')]).toEqual([
      'data',
      [`${data} does not hold the data that ${run} was trained on:`, ...lines],
    ]);
    expect(error.hint).toContain('--accept-changes');
    expect(hashesBelow(run)).toEqual(before);

    const accepted = await resume(run, { data: { path: data }, acceptChanges: true });
    expect(issuesOf(accepted)).toEqual(lines.map((line) => `changed since this run began: ${line}`));
    expect(recordOf(run).changes).toEqual([{ epoch: 1, step: 0, what: lines }]);
    expect(issuesOf(await resume(run))).toEqual([]);
  });

  it('before it saved a checkpoint begins again with the data as they are, and says so', async () => {
    const { run, data } = copied();
    for (const file of ['checkpoints', 'model.onnx', 'metrics.jsonl']) rmSync(join(run, file), { recursive: true });
    rmSync(join(data, 'clear', '2.png'));
    const events = await resume(run, { data: { path: data } });
    expect(issuesOf(events)).toEqual(['changed since this run began: 1 image removed: clear/2.png']);
    expect(events.at(-1)?.type).toBe('done');
    expect([Object.keys(recordOf(run).images).length, recordOf(run).changes]).toEqual([23, []]);
  });
});

describe('a run made before data were recorded', () => {
  it('resumes, says that it cannot be checked, and records from then on', async () => {
    const { run, data } = copied();
    rmSync(join(run, 'data.json'));
    expect(issuesOf(await resume(run, { data: { path: data } }))).toEqual([
      expect.stringContaining('cannot be checked'),
    ]);
    expect(recordOf(run).images).toEqual(recordOf(whole).images);
    expect(recordOf(run).changes).toEqual([{ epoch: 1, step: 0, what: ['recorded from now on'] }]);
    writeFileSync(join(data, 'clear', '2.png'), 'other');
    expect((await failureOf(() => resume(run))).message).toContain('1 image with other content: clear/2.png');
  });

  it('with a damaged record is an error that names it', async () => {
    const { run } = copied();
    writeFileSync(join(run, 'data.json'), '{"format": 1, "images": {}');
    const error = await failureOf(() => resume(run));
    expect([error.code, error.message]).toEqual(['model', expect.stringContaining(join(run, 'data.json'))]);
  });
});
