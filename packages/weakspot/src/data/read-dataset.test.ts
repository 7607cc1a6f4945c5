import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { WeakspotError } from '@weakspot/core';
import { boxRegion, formatIssue, regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.js';
import { readDataset } from './read-dataset.js';
import { failureOf, flatPgm, temporaryFolder, writeTree } from './testing/files.js';

const shared = join(import.meta.dirname, '../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);

const image = flatPgm(20, 10);
let count = 0;
/** A new folder with these files; true stands for an image of 20 x 10 pixels. */
function tree(files: Readonly<Record<string, string | Uint8Array | true>>): string {
  const own = join(folder, `set${count++}`);
  const written = Object.entries(files).map(([name, content]) => [name, content === true ? image : content] as const);
  return writeTree(own, Object.fromEntries(written));
}

/** Issues as text, with the set's folder left out. */
function texts(of: Dataset | WeakspotError, root: string): string[] {
  return of.issues.map((issue) => formatIssue(issue).replaceAll(`${root}/`, ''));
}

function labelled(set: Dataset): string[] {
  return set.samples.map((sample) => `${sample.name} ${set.classes[sample.label]}`);
}

const halves = { 'a.png': true, 'b.png': true } as const;
const labels = 'file,label\na.png,clear\nb.png,tb\n';

describe('readDataset with class folders', () => {
  it('takes each sub-folder as a class, at any depth, the negative one first', async () => {
    const root = tree({
      'tb/x/2.png': true,
      'tb/1.png': true,
      'Normal/1.png': true,
      'tb/.DS_Store': '',
      '.git/x.png': true,
    });
    const set = await readDataset(root);
    expect(set.classes).toEqual(['Normal', 'tb']);
    expect(set.positive).toBe(1);
    expect(labelled(set)).toEqual(['Normal/1.png Normal', 'tb/1.png tb', 'tb/x/2.png tb']);
    expect(set.samples[2]).toEqual({
      name: 'tb/x/2.png',
      path: join(root, 'tb/x/2.png'),
      label: 1,
      patient: undefined,
      split: undefined,
      regions: [],
    });
    expect([set.root, set.name, set.issues]).toEqual([root, root.slice(folder.length + 1), []]);
  });

  it('reads boxes named class/file and takes the class that has them as positive', async () => {
    const boxes = 'file,xmin,ymin,xmax,ymax\nzeta/1.png,1.5,2,8,9\nzeta/1.png,3,3,4,4\n';
    const set = await readDataset(tree({ 'zeta/1.png': true, 'alpha/1.png': true, 'boxes.csv': boxes }));
    expect([set.classes, set.positive]).toEqual([['alpha', 'zeta'], 1]);
    expect(set.samples.map((sample) => sample.regions)).toEqual([[], [boxRegion(1.5, 2, 8, 9), boxRegion(3, 3, 4, 4)]]);
  });

  it('follows links, also one that leads back into its own folder', async () => {
    const root = tree({ 'tb/1.png': true, 'clear/1.png': true, '../elsewhere.png': true });
    symlinkSync(join(root, '../elsewhere.png'), join(root, 'tb/2.png'));
    symlinkSync(join(root, 'tb'), join(root, 'tb/again'));
    expect(labelled(await readDataset(root))).toEqual(['clear/1.png clear', 'tb/1.png tb', 'tb/2.png tb']);
  });

  it('warns of what it leaves out: other files, images in no class, folders without images, empty files', async () => {
    const root = tree({
      'tb/1.png': true,
      'tb/2.png': '',
      'tb/notes.txt': 'x',
      'no/1.png': true,
      'extra.png': true,
      'docs/a.txt': 'x',
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['no/1.png no', 'tb/1.png tb']);
    expect(texts(set, root)).toEqual([
      'extra.png: the image has no label (it is in no class folder): left out',
      'docs: the folder holds no images: it is not taken as a class',
      'tb/2.png: image "tb/2.png" is empty: left out',
      `${root}: passed over: 2 TXT`,
    ]);
    const strict = await failureOf(() => readDataset(root, { strict: true }));
    expect(texts(strict, root)[0]).toBe('tb/2.png: image "tb/2.png" is empty');
  });

  it('refuses a folder without labelled images, one class only, and a path that leads nowhere', async () => {
    for (const [root, message] of [
      [tree({ 'readme.txt': 'x' }), /there are no labelled images/],
      [tree({ 'tb/1.png': true }), /all labels are "tb"/],
      [join(folder, 'nowhere'), /there is no file or folder .*nowhere/],
    ] as const) {
      const error = await failureOf(() => readDataset(root));
      expect([error.code, error.message]).toEqual(['data', expect.stringMatching(message)]);
      expect(error.hint).toBeDefined();
    }
  });
});

describe('readDataset with a label table', () => {
  it('reads labels, patients, splits and boxes', async () => {
    const table = 'file,label,patient,split\na.png,clear,p1,train\nsub/b.png,tb,,VAL\nc.png,tb,p2,\n';
    const boxes = 'file,xmin,ymin,xmax,ymax,label\nsub/b.png,0,0,5,5,cavity\n';
    const root = tree({ 'labels.csv': table, 'boxes.csv': boxes, 'a.png': true, 'sub/b.png': true, 'c.png': true });
    const set = await readDataset(root);
    expect(
      set.samples.map(({ name, label, patient, split, regions: truth }) => [name, label, patient, split, truth.length]),
    ).toEqual([
      ['a.png', 0, 'p1', 'train', 0],
      ['sub/b.png', 1, undefined, 'validation', 1],
      ['c.png', 1, 'p2', undefined, 0],
    ]);
    expect([set.root, set.issues]).toEqual([root, []]);
  });

  it('finds images beside the table, in its images folder, in the given folder, and at absolute paths', async () => {
    const inImages = tree({ 'labels.csv': labels, 'images/a.png': true, 'images/b.png': true });
    expect(await readDataset(inImages)).toMatchObject({
      root: join(inImages, 'images'),
      samples: [{ name: 'a.png' }, { name: 'b.png' }],
    });
    const apart = tree({ 'tables/mine.csv': labels, 'films/a.png': true, 'films/b.png': true });
    const set = await readDataset(join(apart, 'tables/mine.csv'), { images: '../films' });
    expect([set.root, set.name, set.samples.length]).toEqual([join(apart, 'films'), 'tables', 2]);
    const viaFolder = await readDataset(join(apart, 'films'), { labels: join(apart, 'tables/mine.csv'), name: 'mine' });
    expect([viaFolder.root, viaFolder.name, viaFolder.samples.length]).toEqual([join(apart, 'films'), 'mine', 2]);
    const absolute = tree({
      'l.csv': `file,label\n${join(apart, 'films/a.png')},clear\n.\\x\\b.png,tb\n`,
      'x/b.png': true,
    });
    expect(labelled(await readDataset(join(absolute, 'l.csv')))).toEqual([
      `${join(apart, 'films/a.png')} clear`,
      'x/b.png tb',
    ]);
  });

  it('takes boxes from <stem>-boxes.csv before boxes.csv, or from the given file', async () => {
    const box = (x: number): string => `file,xmin,ymin,xmax,ymax\nb.png,${x},0,9,9\n`;
    const root = tree({
      'test.csv': labels,
      'test-boxes.csv': box(1),
      'boxes.csv': box(2),
      'other.csv': box(3),
      'val.csv': labels,
      ...halves,
    });
    const left = async (table: string, boxes?: string): Promise<number | undefined> => {
      const set = await readDataset(join(root, table), boxes === undefined ? {} : { boxes });
      return set.samples[1]?.regions.map(regionBounds)[0]?.x0;
    };
    expect([await left('test.csv'), await left('val.csv'), await left('test.csv', 'other.csv')]).toEqual([1, 2, 3]);
  });

  it('leaves missing images out with a warning, and stops on them if strict', async () => {
    const root = tree({
      'labels.csv': `${labels}none.png,tb\n`,
      'boxes.csv': 'file,xmin,ymin,xmax,ymax\nnone.png,0,0,1,1\n',
      ...halves,
    });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['a.png clear', 'b.png tb']);
    expect(texts(set, root)).toEqual(['labels.csv:4: image "none.png" is missing: left out']);
    const error = await failureOf(() => readDataset(root, { strict: true }));
    expect([error.code, texts(error, root)]).toEqual(['data', ['labels.csv:4: image "none.png" is missing']]);
  });

  it('lists 20 missing images and counts the rest', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => `none${i}.png,tb\n`);
    const root = tree({ 'labels.csv': labels + rows.join(''), ...halves });
    const issues = texts(await readDataset(root), root);
    expect([issues.length, issues[20]]).toEqual([21, 'and 5 more left out']);
    expect((await failureOf(() => readDataset(root, { strict: true }))).issues).toHaveLength(25);
  });

  it('says it once where no image at all is found', async () => {
    const root = tree({ 'labels.csv': labels });
    const error = await failureOf(() => readDataset(root));
    expect(error.issues).toHaveLength(1);
    expect(error.message).toMatch(
      /none of the 2 images was found, such as .*a\.png; give the image folder with --images/,
    );
  });

  it('lists 20 unlabelled images and counts the rest, without looking into other folders', async () => {
    const spare = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`spare${i}.png`, true as const]));
    const root = tree({ 'labels.csv': labels, ...halves, ...spare, 'masks/a.png': true });
    const issues = texts(await readDataset(root), root);
    expect(issues).toHaveLength(21);
    expect(issues[0]).toBe('spare0.png: the image has no label (it is not in labels.csv): left out');
    expect(issues[20]).toBe('and 5 more images without a label');
  });

  it('collects all errors of labels and boxes, each at its line', async () => {
    const root = tree({
      'labels.csv':
        'file,label,patient,split\na.png,clear,p1,train\nb.png,tb,p1,test\n./a.png,tb,p1,train\nc.png,tb,p2,tset\nc.png,tb,p2,\nd.png,,,\n',
      'boxes.csv': 'file,xmin,ymin,xmax,ymax\nb.png,30,0,40,5\nb.png,5,0,5,9\nb.png,1,x,2,9\nb.png,1,1,2,\n',
      'c.png': true,
      ...halves,
    });
    const error = await failureOf(() => readDataset(root));
    expect(error.code).toBe('data');
    expect(error.message).toMatch(/^8 problems in .*\n.*labels\.csv:7.*\n(.*\n){4}  and 3 more$/);
    expect(texts(error, root)).toEqual([
      'labels.csv:7: the field is empty (column "label")',
      'labels.csv:4: "a.png" has label "tb" here and "clear" in line 2 (column "label")',
      'labels.csv:5: "tset" is not a split (did you mean "test"?); it may be train, validation or test (column "split")',
      'labels.csv:3: patient "p1" is in test here and in train in line 2 (column "split")',
      'boxes.csv:5: the field is empty (column "ymax")',
      'boxes.csv:3: the box has no width: xmax 5 is not right of xmin 5 (column "xmax")',
      'boxes.csv:4: "x" is not a number (column "ymin")',
      'boxes.csv:2: the box (30, 0) to (40, 5) lies outside of "b.png" (20 x 10 pixels); were its pixels measured at another size?',
      'labels.csv:6: "c.png" is listed again, after line 5: ignored',
    ]);
  });

  it('refuses boxes that are parts of the width and height, and labels that say that none is known', async () => {
    const boxes = 'file,xmin,ymin,xmax,ymax\nb.png,0.1,0.2,0.5,1\n';
    const root = tree({ 'labels.csv': 'file,label\na.png,tb\nb.png,tb\n', 'boxes.csv': boxes, ...halves });
    expect(texts(await failureOf(() => readDataset(root, { positive: 'tb' })), root)).toContain(
      'boxes.csv:2: the box (0.1, 0.2) to (0.5, 1) is within the first pixel of "b.png" (20 x 10 pixels); are its numbers parts of the width and height? Write pixels',
    );
    for (const word of ['NaN', 'N/A', '#N/A', '<NA>', 'null']) {
      const table = `file,label\na.png,tb\nb.png,${word}\n`;
      const other = tree({ 'labels.csv': table, ...halves });
      expect(texts(await failureOf(() => readDataset(other, { positive: 'tb' })), other)).toContain(
        `labels.csv:3: "${word}" says that the label is not known: write it, or remove the row (column "label")`,
      );
    }
  });

  it('clips boxes to their image and warns; one along the edge is inside', async () => {
    const boxes = 'file,xmin,ymin,xmax,ymax\nb.png,-3,2,8,12\nb.png,0,0,20,10\n';
    const root = tree({ 'labels.csv': labels, 'boxes.csv': boxes, ...halves });
    const set = await readDataset(root);
    expect(set.samples[1]?.regions).toEqual([boxRegion(0, 2, 8, 10), boxRegion(0, 0, 20, 10)]);
    expect(texts(set, root)).toEqual([
      'boxes.csv:2: the box (-3, 2) to (8, 12) extends beyond "b.png" (20 x 10 pixels): clipped',
    ]);
  });

  it('warns of boxes without a label, on negative images and of another class', async () => {
    const boxes =
      'file,xmin,ymin,xmax,ymax,label\nz.png,0,0,1,1,\na.png,0,0,1,1,\nb.png,0,0,1,1,clear\nb.png,0,0,2,2,tb\n';
    const root = tree({ 'labels.csv': labels, 'boxes.csv': boxes, ...halves });
    const set = await readDataset(root);
    expect(set.samples.map((sample) => sample.regions.length)).toEqual([1, 1]);
    expect(texts(set, root)).toEqual([
      'boxes.csv:2: "z.png" has a box but no label: left out',
      'boxes.csv:3: "a.png" is labelled "clear" and has a box',
      'boxes.csv:4: the box is labelled "clear", its image "b.png" is labelled "tb": left out (column "label")',
    ]);
  });

  it('leaves out an image whose header its box needs and cannot be read', async () => {
    const boxes = 'file,xmin,ymin,xmax,ymax\nc.png,0,0,1,1\n';
    const root = tree({ 'labels.csv': `${labels}c.png,tb\n`, 'boxes.csv': boxes, 'c.png': 'no image', ...halves });
    const set = await readDataset(root);
    expect(labelled(set)).toEqual(['a.png clear', 'b.png tb']);
    expect(texts(set, root)).toEqual([
      expect.stringMatching(/^c\.png: image "c\.png" cannot be read: not an image.*: left out$/),
    ]);
    expect((await failureOf(() => readDataset(root, { strict: true }))).code).toBe('data');
  });

  it('reports a missing column as the one problem', async () => {
    const error = await failureOf(() => readDataset(tree({ 'labels.csv': 'name,label\na.png,tb\n', ...halves })));
    expect(error.issues).toHaveLength(1);
    expect(error.issues[0]).toMatchObject({ line: 1, field: 'file' });
  });

  it('refuses option paths that lead nowhere, an image folder beside class folders, and stops when aborted', async () => {
    const root = tree({ 'labels.csv': labels, ...halves });
    for (const options of [{ images: 'none' }, { labels: 'none.csv' }, { boxes: 'none.csv' }]) {
      const error = await failureOf(() => readDataset(root, options));
      expect([error.code, error.message]).toEqual(['data', expect.stringContaining('none')]);
    }
    const classes = tree({ 'tb/1.png': true, 'clear/1.png': true });
    mkdirSync(join(classes, 'films'));
    expect((await failureOf(() => readDataset(classes, { images: 'films' }))).code).toBe('usage');
    expect((await failureOf(() => readDataset(root, { signal: AbortSignal.abort() }))).code).toBe('aborted');
  });
});

describe('readDataset in a format that is named', () => {
  it('reads class folders beside a table, or the table alone', async () => {
    const root = tree({ 'labels.csv': labels, ...halves, 'yes/1.png': true, 'no/1.png': true });
    expect((await readDataset(root)).format).toBe('table');
    const folders = await readDataset(root, { format: 'class-folders' });
    expect([folders.format, folders.classes]).toEqual(['class-folders', ['no', 'yes']]);
    const bare = tree({ 'yes/1.png': true, 'no/1.png': true });
    expect((await readDataset(bare)).format).toBe('class-folders');
    expect(await failureOf(() => readDataset(bare, { format: 'table' }))).toMatchObject({ code: 'data' });
  });

  it('refuses a name that is none, with the nearest one', async () => {
    const error = await failureOf(() => readDataset(tree({ 'labels.csv': labels }), { format: 'tabel' }));
    expect([error.code, error.message]).toEqual(['usage', expect.stringContaining('(did you mean "table"?)')]);
    expect(error.hint).toContain('class-folders');
  });
});

describe('readDataset on real data', () => {
  const boxCount = (set: Dataset): number => set.samples.reduce((sum, sample) => sum + sample.regions.length, 0);

  it.skipIf(!existsSync(shared))('reads the TBX11K halves whole, without a warning (needs shared/data)', async () => {
    const set = await readDataset(join(shared, 'tbx11k-halves'));
    expect([set.classes, set.positive, set.samples.length, boxCount(set), set.issues]).toEqual([
      ['clear', 'tb'],
      1,
      778,
      609,
      [],
    ]);
    expect(set.samples.filter((sample) => sample.label === 1)).toHaveLength(589);
    expect(set.samples.every((sample) => sample.name.startsWith(`${sample.patient}_`))).toBe(true);
  });

  it.skipIf(!existsSync(shared))('reads MIAS through tables kept elsewhere (needs shared/data)', async () => {
    const [, ...rows] = readFileSync(join(shared, 'mias/circles_512.csv'), 'utf8').trim().split(/\r?\n/);
    const cells = rows.map((row) => row.split(','));
    const circles = cells.filter((row) => row[4] !== '' && row[4] !== undefined);
    const boxes = circles.map(([file, , , , x, y, r]) =>
      [file, Number(x) - Number(r), Number(y) - Number(r), Number(x) + Number(r), Number(y) + Number(r)].join(),
    );
    const root = tree({
      'mias.csv': ['file,label', ...cells.map(([file, label]) => `${file},${label}`)].join('\n'),
      'mias-boxes.csv': ['file,xmin,ymin,xmax,ymax', ...boxes].join('\n'),
    });
    const set = await readDataset(join(root, 'mias.csv'), { images: join(shared, 'mias/images-512') });
    expect([set.classes, set.positive, set.samples.length]).toEqual([
      ['0', '1'],
      1,
      new Set(cells.map(([file]) => file)).size,
    ]);
    expect(boxCount(set)).toBe(circles.length);
    expect(set.issues.every((issue) => /listed again|reaches out/.test(issue.message))).toBe(true);
  });
});

describe('readDataset of a table with several labels in a cell', () => {
  const images = { 'a.png': true, 'b.png': true, 'c.png': true, 'd.png': true } as const;
  const table = 'file,label\na.png,Mass|Effusion\nb.png,No Finding\nc.png,Effusion\nd.png, Nodule | Mass \n';

  it('takes each label as a class, sorted, and an image as of all its own, or none', async () => {
    const set = await readDataset(tree({ ...images, 'labels.csv': table }));
    expect([set.multiLabel, set.classes, set.positive, set.issues]).toEqual([
      true,
      ['Effusion', 'Mass', 'Nodule'],
      0,
      [],
    ]);
    expect(set.samples.map(({ labels: own }) => own)).toEqual([[0, 1], [], [0], [1, 2]]);
    // The positive class where the image has it, else its first.
    expect(set.samples.map(({ label }) => label)).toEqual([0, -1, 0, 1]);
    const nodules = await readDataset(tree({ ...images, 'labels.csv': table }), { positive: 'Nodule' });
    expect(nodules.samples.map(({ label }) => label)).toEqual([0, -1, 0, 2]);
  });

  it('keeps which class a box is of, and leaves out boxes of classes that the image has not', async () => {
    const boxes =
      'file,xmin,ymin,xmax,ymax,label\na.png,1,2,8,9,Mass\na.png,0,0,4,4,\nc.png,0,0,5,5,Mass\nd.png,3,3,4,4,Nodule\n';
    const root = tree({ ...images, 'labels.csv': table, 'boxes.csv': boxes });
    const set = await readDataset(root);
    expect(set.samples.map(({ regions }) => regions)).toEqual([
      [boxRegion(1, 2, 8, 9), boxRegion(0, 0, 4, 4)],
      [],
      [],
      [boxRegion(3, 3, 4, 4)],
    ]);
    expect(set.samples.map(({ regionLabels }) => regionLabels)).toEqual([[1, undefined], [], [], [2]]);
    expect(texts(set, root)).toHaveLength(1);
    expect(texts(set, root)[0]).toContain('the box is labelled "Mass", its image "c.png" is labelled "Effusion"');
  });

  it("reads another set as a trained run's: one label a cell is then one of several, and others are errors", async () => {
    const one = { ...images, 'labels.csv': 'file,label\na.png,Mass\nb.png,normal\n' };
    const options = { classes: ['Effusion', 'Mass', 'Nodule'], positive: 'Effusion', multiLabel: true };
    const set = await readDataset(tree(one), options);
    expect(set.samples.map(({ labels: own }) => own)).toEqual([[1], []]);
    const other = tree({ ...images, 'labels.csv': 'file,label\na.png,Mass|Fibrosis\nb.png,normal\n' });
    expect(texts(await failureOf(() => readDataset(other, options)), other).join()).toContain(
      '"Fibrosis" is not a class',
    );
    // And that of a run of one class an image takes the bar as part of a name.
    const plain = await readDataset(tree({ ...images, 'labels.csv': 'file,label\na.png,x|y\nb.png,normal\n' }), {
      multiLabel: false,
    });
    expect([plain.classes, plain.multiLabel]).toEqual([['normal', 'x|y'], undefined]);
  });

  it.each([
    ['no class', 'file,label\na.png,normal\nb.png,No Finding\n'],
    ['no class but "Mass"', 'file,label\na.png,normal\nb.png,Mass\n'],
  ])('refuses a set whose labels name %s', async (named, csv) => {
    const root = tree({ ...halves, 'labels.csv': csv });
    const found = texts(await failureOf(() => readDataset(root, { multiLabel: true })), root);
    expect(found).toEqual([expect.stringContaining(`the labels of a multi-label set name ${named}: at least two`)]);
  });
});
