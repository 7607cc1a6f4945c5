import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PassedOverCounts } from '../data/passed-over.js';
import { readDataset } from '../data/read-dataset.js';
import { failureOf, flatPgm, temporaryFolder, writeTree } from '../data/testing/files.js';
import { encode } from '../dicom/testing/codestreams.js';
import { type Values, dicomFile, imageValues, words } from '../dicom/testing/file.js';
import { findImages } from './find-images.js';
import { type ImageFile, type LocalizeOptions, localizeImages } from './localize.js';
import { answer, fakeModel, listOf } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Pixels of frame `i`: 10 i + 1, 10 i + 2. */
const cine = (frames: number): Uint8Array => {
  const values = Array.from({ length: frames }, (_, i) => [10 * (i + 1) + 1, 10 * (i + 1) + 2]).flat();
  return dicomFile(imageValues(2, 1, { NumberOfFrames: [frames], PixelData: words(values) }));
};
const stream = async (value: number): Promise<Uint8Array> =>
  encode('encodeJpegLs', {
    width: 2,
    height: 1,
    samplesPerPixel: 1,
    bitsAllocated: 16,
    bitsStored: 16,
    bytes: words([value, value + 1]),
  });
const compressed = dicomFile(imageValues(2, 1, { NumberOfFrames: [2] }), {
  transferSyntax: '1.2.840.10008.1.2.4.80',
  fragments: [await stream(300), await stream(400)],
});
const root = writeTree(join(folder, 'films'), {
  'cine.dcm': cine(12),
  'one.dcm': cine(1),
  'plain.pgm': flatPgm(3, 2),
  'packed.dcm': compressed,
  'lies.dcm': dicomFile(imageValues(2, 1, { NumberOfFrames: [2_000_000_000], PixelData: words([1, 2]) })),
});
const fileOf = (name: string, frame?: number): ImageFile => ({
  name,
  path: join(root, name),
  ...(frame === undefined ? {} : { frame }),
});

interface Found {
  readonly frame: number | undefined;
  readonly frames: number | undefined;
  readonly pixels: readonly number[];
}

async function localized(files: readonly ImageFile[], options: LocalizeOptions = {}): Promise<(Found | string)[]> {
  const model = fakeModel([answer(1, 2, 1, [-3, 1])]);
  const events = await listOf(localizeImages(model, files, options));
  events.forEach(({ done, total }, i) => expect([done, total]).toEqual([i + 1, events.length]));
  return events.map((event) => {
    if (event.type === 'issue') return event.issue.message;
    const { frame, frames, file } = event.localization;
    expect(file).toBe(event.file.path);
    return { frame, frames, pixels: [...event.image.pixels] };
  });
}

describe('frames that are localized', () => {
  it('are the one that a file means, else the first, as in training', async () => {
    expect(await localized([fileOf('cine.dcm'), fileOf('cine.dcm', 7), fileOf('one.dcm')])).toEqual([
      { frame: 1, frames: 12, pixels: [11, 12] },
      { frame: 7, frames: 12, pixels: [71, 72] },
      { frame: undefined, frames: undefined, pixels: [11, 12] },
    ]);
  });

  it('are the one that is asked for, whatever files mean; a file without it is an issue', async () => {
    const files = [fileOf('cine.dcm', 7), fileOf('packed.dcm'), fileOf('plain.pgm')];
    expect(await localized(files, { frame: 2 })).toEqual([
      { frame: 2, frames: 12, pixels: [21, 22] },
      { frame: 2, frames: 2, pixels: [400, 401] },
      'left out: it has no frame 2: only DICOM files have several frames',
    ]);
    expect(await localized([fileOf('cine.dcm')], { frame: 13 })).toEqual([
      'left out: it has no frame 13: there are 12',
    ]);
  });

  it.each([0, 1, 3])('are all of every file in their order, read with %i threads', async (threads) => {
    const files = ['cine.dcm', 'plain.pgm', 'packed.dcm', 'one.dcm', 'lies.dcm'].map((name) => fileOf(name));
    const found = await localized(files, { frame: 'all', threads });
    expect(found).toEqual([
      ...Array.from({ length: 12 }, (_, i) => ({
        frame: i + 1,
        frames: 12,
        pixels: [10 * (i + 1) + 1, 10 * (i + 1) + 2],
      })),
      expect.objectContaining({ frame: undefined, frames: undefined }),
      { frame: 1, frames: 2, pixels: [300, 301] },
      { frame: 2, frames: 2, pixels: [400, 401] },
      { frame: undefined, frames: undefined, pixels: [11, 12] },
      expect.stringMatching(/^left out: its pixel data have 4 of 8000000000 bytes/),
    ]);
  });

  it('are counted from 1', async () => {
    for (const frame of [0, 1.5, -1, NaN])
      expect((await failureOf(() => localized([fileOf('cine.dcm')], { frame }))).code).toBe('usage');
  });
});

describe('findImages', () => {
  it('takes the frame that a segmentation marks, as training does, and no segmentation for an image', async () => {
    const marks = (frame: number): Values => ({
      SegmentIdentificationSequence: [{ ReferencedSegmentNumber: [1] }],
      DerivationImageSequence: [
        { SourceImageSequence: [{ ReferencedSOPInstanceUID: '1.1', ReferencedFrameNumber: [frame] }] },
      ],
    });
    const segmentation = dicomFile(
      imageValues(2, 1, {
        Modality: 'SEG',
        SegmentationType: 'BINARY',
        SegmentSequence: [{ SegmentNumber: [1], SegmentLabel: 'mass' }],
        BitsAllocated: [1],
        BitsStored: [1],
        HighBit: [0],
        NumberOfFrames: [2],
        PerFrameFunctionalGroupsSequence: [marks(2), marks(3)],
        // Frame 2 has one pixel, frame 3 two that touch: one region each, and the first of equals is taken.
        PixelData: Uint8Array.of(0b1101, 0),
      }),
    );
    const image = (instance: string): Uint8Array =>
      dicomFile(
        imageValues(2, 1, {
          SOPInstanceUID: instance,
          Modality: 'MG',
          NumberOfFrames: [3],
          PixelData: words([1, 2, 3, 4, 5, 6]),
        }),
      );
    const set = writeTree(join(folder, 'marked'), {
      'a.dcm': image('1.1'),
      'b.dcm': image('1.2'),
      'seg.dcm': segmentation,
      'plain.pgm': flatPgm(3, 2),
    });
    const passed = new PassedOverCounts();
    const files = await findImages([set], passed);
    const trained = (await readDataset(set)).samples.map(({ name, frame }) => [name, frame]);
    expect(files.filter(({ name }) => name.endsWith('.dcm')).map(({ name, frame }) => [name, frame])).toEqual(trained);
    expect(trained).toEqual([
      ['a.dcm', 2],
      ['b.dcm', undefined],
    ]);
    expect(files.map(({ name }) => name)).toEqual(['a.dcm', 'b.dcm', 'plain.pgm']);
    expect(passed.list()).toEqual([{ kind: 'DICOM SEG or SR', count: 1, example: join(set, 'seg.dcm') }]);
    expect((await localized(files.slice(0, 2))).map((found) => (found as Found).pixels)).toEqual([
      [3, 4],
      [1, 2],
    ]);
    writeTree(set, { 'seg.dcm': segmentation.subarray(0, -2) });
    const damaged = new PassedOverCounts();
    expect((await findImages([set], damaged)).map(({ frame }) => frame)).toEqual([undefined, undefined, undefined]);
    expect(damaged.list()).toMatchObject([{ kind: 'damaged DICOM SEG or SR', count: 1 }]);
  });
});
