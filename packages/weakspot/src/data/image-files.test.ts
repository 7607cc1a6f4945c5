import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listFilesBelow } from './files.js';
import { imagesAmong } from './image-files.js';
import { describePassedOver, PassedOverCounts } from './passed-over.js';
import { readDataset } from './read-dataset.js';
import { flatPgm, temporaryFolder, writeTree } from './testing/files.js';
import { dicom, IMAGES, mixedFolder, nifti } from './testing/mixed-folder.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('imagesAmong', () => {
  it('takes images by their names or contents, and counts the rest by what it is', async () => {
    const root = writeTree(join(folder, 'mixed'), await mixedFolder());
    const passed = new PassedOverCounts();
    expect(await imagesAmong(root, await listFilesBelow(root, { passed }), passed)).toEqual(IMAGES);
    expect(passed.list().map(({ kind, count, example }) => [kind, count, example])).toEqual([
      ['DICOMDIR', 1, join(root, 'DICOMDIR')],
      ['NIfTI', 1, join(root, 'v.nii')],
      ['PNG named .png_original', 1, join(root, 'scan.png_original')],
      ['CSV', 2, join(root, 'a.csv')],
      ['hidden files or files of the operating system', 2, join(root, '.DS_Store')],
      ['without an ending, of no known format', 1, join(root, 'README')],
    ]);
    expect(describePassedOver(passed.list())).toMatch(
      /^1 DICOMDIR \(not read: .*\), 1 NIfTI \(not read: .*, 2 CSV, 2 hidden/,
    );
  });

  it('is the rule of class folders, of folders with a table, and of annotated sets', async () => {
    const files = await mixedFolder();
    const within = Object.fromEntries(Object.entries(files).map(([name, content]) => [`tb/${name}`, content]));
    const classes = await readDataset(writeTree(join(folder, 'classes'), { ...within, 'normal/a.pgm': flatPgm(2, 2) }));
    expect(classes.samples.map(({ name }) => name)).toEqual(['normal/a.pgm', ...IMAGES.map((name) => `tb/${name}`)]);

    const table = writeTree(join(folder, 'table'), {
      'labels.csv': 'file,label\nIM0001,tb\nn.pgm,normal\n',
      'n.pgm': flatPgm(2, 2),
      IM0001: dicom,
      IM0002: dicom,
      'v.nii': nifti,
    });
    const { samples, issues } = await readDataset(table);
    expect(samples.map(({ name }) => name)).toEqual(['IM0001', 'n.pgm']);
    expect(issues.map(({ file, message }) => [file, message])).toEqual([
      [join(table, 'IM0002'), expect.stringContaining('it is not in labels.csv')],
      [table, expect.stringContaining('passed over: 1 NIfTI')],
    ]);

    const coco = writeTree(join(folder, 'coco'), {
      'a.json': JSON.stringify({
        images: [
          { id: 1, file_name: 'IM0001' },
          { id: 2, file_name: 'n.pgm' },
        ],
        annotations: [{ image_id: 1, category_id: 1, bbox: [0, 0, 1, 1] }],
        categories: [{ id: 1, name: 'tb' }],
      }),
      'n.pgm': flatPgm(2, 2),
      IM0001: dicom,
      'v.nii': nifti,
    });
    const annotated = await readDataset(coco);
    expect(annotated.samples.map(({ name, label }) => [name, annotated.classes[label]])).toEqual([
      ['IM0001', 'tb'],
      ['n.pgm', 'no tb'],
    ]);
    expect(annotated.passedOver).toMatchObject([{ kind: 'NIfTI', count: 1 }]);
  });

  it('follows links to files and folders, and counts those that lead nowhere', async () => {
    const root = writeTree(join(folder, 'links'), { 'real/IM1': dicom });
    symlinkSync(join(root, 'real/IM1'), join(root, 'IM2'));
    symlinkSync(join(root, 'nowhere'), join(root, 'gone'));
    mkdirSync(join(root, 'empty'));
    symlinkSync(root, join(root, 'empty/again'));
    const passed = new PassedOverCounts();
    expect(await imagesAmong(root, await listFilesBelow(root, { passed }), passed)).toEqual(['IM2', 'real/IM1']);
    expect(passed.list()).toMatchObject([{ kind: 'neither file nor folder', count: 1 }]);
  });
});
