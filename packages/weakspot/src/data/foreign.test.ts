import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage, imageSize } from './decode.js';
import { describeStored } from './describe.js';
import { foreignFormat, formatOf } from './foreign.js';
import { IssueList } from './issues.js';
import { readDataset } from './read-dataset.js';
import { failureOf, greyPng, temporaryFolder, writeTree } from './testing/files.js';
import { directory } from './testing/mixed-folder.js';
import { readText } from './text.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Bytes with these parts at their places, zeros between. */
function bytesOf(length: number, ...parts: readonly (readonly [number, string | readonly number[]])[]): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [at, part] of parts) bytes.set(typeof part === 'string' ? Buffer.from(part, 'latin1') : part, at);
  return bytes;
}

const nifti = bytesOf(400, [0, [0x5c, 1]], [344, 'n+1\0']);
const tar = bytesOf(
  1024,
  [0, 'a.png'],
  [100, '0000644\0'],
  [124, '00000000010\0'],
  [148, '005417\0 '],
  [257, 'ustar\x0000'],
);

const FILES: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['DICOMDIR', directory],
  ['NIfTI', nifti],
  ['NIfTI', bytesOf(400, [0, [0, 0, 1, 0x5c]], [344, 'ni1\0'])],
  ['NIfTI', bytesOf(600, [0, [0x1c, 2]], [4, 'n+2\0\r\n\x1a\n'])],
  ['NIfTI (gzip)', gzipSync(nifti)],
  ['Analyze 7.5', bytesOf(348, [0, [0x5c, 1]], [32, [0, 0x40, 0, 0]])],
  ['NRRD', bytesOf(100, [0, 'NRRD0004\ntype: short\n'])],
  ['MetaImage', bytesOf(100, [0, 'ObjectType = Image\nNDims = 3\n'])],
  ['NumPy array', bytesOf(100, [0, "\x93NUMPY\x01\0v\0{'descr': '<f4'"])],
  ['NPZ', bytesOf(100, [0, 'PK\x03\x04\x14\0\0\0'], [26, [7, 0]], [30, 'arr.npy'])],
  ['HDF5', bytesOf(100, [0, '\x89HDF\r\n\x1a\n'])],
  ['MATLAB', bytesOf(100, [0, 'MATLAB 5.0 MAT-file, Platform'])],
  ['NetCDF', bytesOf(100, [0, 'CDF\x01'])],
  ['FITS', bytesOf(100, [0, 'SIMPLE  =                    T'])],
  ['gzip', gzipSync('file,label\n')],
  ['ZIP', bytesOf(100, [0, 'PK\x03\x04\x14\0\0\0'], [26, [5, 0]], [30, 'a.png'])],
  ['TAR', tar],
  ['7Z', bytesOf(100, [0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]])],
  ['PDF', bytesOf(100, [0, '%PDF-1.7\n'])],
  ['video', bytesOf(100, [0, [0, 0, 0, 0x18]], [4, 'ftypisom'])],
  ['video', bytesOf(100, [0, 'RIFF'], [8, 'AVI '])],
  ['camera RAW', bytesOf(100, [0, 'FUJIFILMCCD-RAW'])],
  ['Photoshop', bytesOf(100, [0, '8BPS'])],
  ['JPEG-LS', bytesOf(100, [0, [0xff, 0xd8, 0xff, 0xf7]])],
  ['SVG', bytesOf(100, [0, '<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg">'])],
  ['a web page', bytesOf(100, [0, '<!doctype html><html>'])],
  ['a pointer of Git LFS', bytesOf(130, [0, 'version https://git-lfs.github.com/spec/v1\noid sha256:0'])],
];

describe('formats that are not read', () => {
  it.each(FILES)('are told from the content: %s', async (name, bytes) => {
    expect((await foreignFormat(bytes))?.name).toBe(name);
    const path = join(folder, 'a.png');
    writeFileSync(path, bytes);
    for (const open of [() => decodeImage(bytes, path), () => imageSize(path), () => describeStored(bytes, path)]) {
      const error = await failureOf(open);
      expect([error.code, error.message]).toEqual(['data', expect.stringContaining(`${path}: ${name} is not read: `)]);
    }
  });

  it('are named where one stands for a data set or a table', async () => {
    for (const [name, bytes] of FILES) {
      const path = join(folder, 'labels.csv');
      writeFileSync(path, bytes);
      const error = await failureOf(() => readDataset(path));
      expect(error.message).toContain(`labels.csv: ${name} is not read: `);
    }
  });

  it('do not take what is read, or text, for one of them', async () => {
    const png = await greyPng(new Uint8Array(4), 2, 2);
    expect(await formatOf(png)).toEqual({ read: true, name: 'PNG' });
    expect(await formatOf(Buffer.from('P5 2 2 255\n1234'))).toEqual({ read: true, name: 'PGM' });
    for (const text of ['file,label\na.png,tb\n', '{"images": []}', 'NDims,x\n', '']) {
      expect(await formatOf(Buffer.from(text))).toBeUndefined();
    }
    const issues = new IssueList();
    const path = join(folder, 'picture.csv');
    writeFileSync(path, png);
    expect(await readText(path, issues)).toBeUndefined();
    expect(issues.list()).toMatchObject([{ message: 'this is an image (PNG), not a text file', file: path }]);
  });

  it('are left out by name from a table and from class folders, and passed over where their names say no image', async () => {
    const image = await greyPng(new Uint8Array(4), 2, 2);
    const files = { 'normal/a.png': image, 'tb/b.png': image, 'tb/v.nii': nifti, 'tb/w.nii.gz': gzipSync(nifti) };
    const root = writeTree(join(folder, 'classes'), { ...files, 'tb/.DS_Store': 'x', 'tb/notes.txt': 'x' });
    const set = await readDataset(root);
    expect(set.samples.map(({ name }) => name)).toEqual(['normal/a.png', 'tb/b.png']);
    expect(set.passedOver).toEqual([
      { kind: 'NIfTI', count: 1, example: join(root, 'tb/v.nii'), remedy: expect.stringContaining('slices') },
      { kind: 'NIfTI (gzip)', count: 1, example: join(root, 'tb/w.nii.gz'), remedy: expect.stringContaining('slices') },
      { kind: 'TXT', count: 1, example: join(root, 'tb/notes.txt') },
      { kind: 'hidden files or files of the operating system', count: 1, example: join(root, 'tb/.DS_Store') },
    ]);
    expect(set.issues).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/^passed over: 1 NIfTI \(not read: /) },
    ]);
    const only = writeTree(join(folder, 'only'), { 'normal/a.nii': nifti, 'tb/b.nii': nifti });
    expect((await failureOf(() => readDataset(only))).message).toContain(
      'no labelled images; passed over: 2 NIfTI (not read',
    );
  });
});
