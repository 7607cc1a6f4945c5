import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { divideDataset } from './divide.js';
import { readDataset } from './read-dataset.js';
import { failureOf, temporaryFolder } from './testing/files.js';
import { issueTexts, setWriter } from './testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);
let size = 2;
/** An image of a size that no other has: no copy of any. */
const image = (): { width: number; height: number } => ({ width: size++, height: 3 });

async function splits(files: readonly string[]): Promise<string[]> {
  const { samples, classes } = await readDataset(write(Object.fromEntries(files.map((name) => [name, image()]))));
  return samples.map(({ name, label, split }) => `${name} ${classes[label]} ${split}`);
}

const each = (...parts: string[]): string[] => parts.flatMap((part) => [`${part}/normal/a.png`, `${part}/tb/b/c.png`]);

describe('class folders in folders for the parts', () => {
  it('have their parts as splits, under any of their usual names', async () => {
    for (const [train, validation, test] of [
      ['train', 'val', 'test'],
      ['Training', 'Validation', 'Testing'],
      ['TRAIN', 'valid', 'Test'],
      ['training', 'dev', 'testing'],
    ] as const) {
      const found = await splits(each(train, validation, test));
      expect(found.toSorted()).toEqual(
        [
          `${train}/normal/a.png normal train`,
          `${train}/tb/b/c.png tb train`,
          `${validation}/normal/a.png normal validation`,
          `${validation}/tb/b/c.png tb validation`,
          `${test}/normal/a.png normal test`,
          `${test}/tb/b/c.png tb test`,
        ].toSorted(),
      );
    }
  });

  it('may lie in the class folders instead', async () => {
    expect(await splits(['normal/train/a.png', 'normal/test/b.png', 'tb/train/c.png', 'tb/test/x/d.png'])).toEqual([
      'normal/test/b.png normal test',
      'normal/train/a.png normal train',
      'tb/test/x/d.png tb test',
      'tb/train/c.png tb train',
    ]);
    const some = await readDataset(write({ 'normal/a.png': image(), 'tb/train/c.png': image() }));
    expect(some.samples.map(({ split }) => split)).toEqual([undefined, undefined]);
    expect(some.issues).toMatchObject([{ message: expect.stringContaining('they are not taken as a split') }]);
  });

  it('draw validation from training where only train and test are there, and never touch the test part', async () => {
    const files = ['train', 'test'].flatMap((part) =>
      ['normal', 'tb'].flatMap((label) => Array.from({ length: 10 }, (_, i) => `${part}/${label}/${i}.png`)),
    );
    const set = await readDataset(write(Object.fromEntries(files.map((name) => [name, image()]))));
    const { split } = await divideDataset(set, { train: 0.8, validation: 0.1, test: 0.1 }, 0);
    const parts = [...split].map(([name, part]) => `${name.split('/')[0]} ${part}`);
    const count = (what: string): number => parts.filter((part) => part === what).length;
    expect(['test test', 'train train', 'train validation'].map(count)).toEqual([20, 18, 2]);
    const folds = await failureOf(() => divideDataset(set, { folds: 2, fold: 0, validation: 0.1 }, 0));
    expect([folds.code, folds.message]).toEqual(['usage', expect.stringContaining('has its own split')]);
  });

  it('have no split where only a training part is there', async () => {
    expect(await splits(each('train'))).toEqual([
      'train/normal/a.png normal undefined',
      'train/tb/b/c.png tb undefined',
    ]);
  });

  it('are told from folders beside them, and from classes that are named like parts', async () => {
    const beside = write({
      ...Object.fromEntries(each('train', 'test').map((name) => [name, image()])),
      'extra/x.png': image(),
    });
    const set = await readDataset(beside);
    expect([set.samples.length, issueTexts(set, beside)]).toEqual([
      4,
      ['extra: it is beside the parts test, train but is not a part: left out'],
    ]);
    const odd = await failureOf(() => readDataset(write({ 'test/a.png': image(), 'normal/b.png': image() })));
    expect(odd.message).toMatch(/of its folders test is named like a part of a set, and normal like classes/);
    const flat = await failureOf(() => readDataset(write({ 'test/a.png': image(), 'train/b.png': image() })));
    expect(flat.message).toMatch(/its folders are parts \(test, train\) without class folders/);
    const inner = write({ 'set/train/tb/a.png': image(), 'set/test/tb/a.png': image() });
    const wrapped = await failureOf(() => readDataset(inner));
    expect(wrapped.message).toContain(`give ${join(inner, 'set')}`);
  });

  it('warn of a class that training never sees', async () => {
    const root = write({ 'train/normal/a.png': image(), 'train/tb/b.png': image(), 'test/cancer/c.png': image() });
    const set = await readDataset(root, { positive: 'tb' });
    expect(issueTexts(set, root)).toEqual([expect.stringContaining('class "cancer" has no image for training')]);
  });
});
