import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { regionBounds, regionContains } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { encode } from '../../dicom/testing/codestreams.js';
import { words } from '../../dicom/testing/file.js';
import { openImageCache } from '../cache.js';
import { decodeImage, imageSize } from '../decode.js';
import { describeStored } from '../describe.js';
import { filmScanOf, levelsToDensity } from '../film-scan.js';
import { IssueList } from '../issues.js';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';
import { readOverlay } from './ddsm-overlay.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const sample = join(shared, 'samples/DDSM/case1459');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const [width, height] = [12, 20];
const ics = (digitizer = 'LUMISYS', ...more: readonly string[]): string =>
  [
    'ics_version 1.0',
    'filename B-3024-1',
    'PATIENT_AGE 42',
    `DIGITIZER ${digitizer}`,
    'SEQUENCE',
    `LEFT_CC LINES ${height} PIXELS_PER_LINE ${width} BITS_PER_PIXEL 12 RESOLUTION 50 OVERLAY`,
    `LEFT_MLO LINES ${height} PIXELS_PER_LINE ${width} BITS_PER_PIXEL 12 RESOLUTION 50 NON_OVERLAY`,
    ...more,
    '',
  ].join('\n');
/** A square of 4 x 4 steps, clockwise from (2, 3), and a triangle by diagonals. */
const square = '2 3 2 2 2 2 4 4 4 4 6 6 6 6 0 0 0 0 #';
const triangle = '6 10 3 3 6 6 6 6 1 1 #';
const overlay = [
  'TOTAL_ABNORMALITIES 2',
  'ABNORMALITY 1 ',
  'LESION_TYPE MASS SHAPE ROUND MARGINS CIRCUMSCRIBED',
  'ASSESSMENT 4 ',
  'PATHOLOGY BENIGN_WITHOUT_CALLBACK',
  'TOTAL_OUTLINES 2 ',
  'BOUNDARY',
  square,
  '\tCORE ',
  '3 4 2 4 6 0 #',
  'ABNORMALITY 2',
  'LESION_TYPE CALCIFICATION TYPE PLEOMORPHIC DISTRIBUTION CLUSTERED',
  'PATHOLOGY MALIGNANT',
  'TOTAL_OUTLINES 1',
  'BOUNDARY',
  triangle,
  '',
].join('\n');

const levels = Uint16Array.from({ length: width * height }, (_, i) => (i * 131) % 4096);
async function film(columns: number, rows: number, bits = 12): Promise<Uint8Array> {
  const shape = { width: columns, height: rows, samplesPerPixel: 1, bitsAllocated: 16, bitsStored: bits } as const;
  return encode('encodeJpeg', { ...shape, bytes: words(levels) });
}

async function published(more: Readonly<Record<string, string>> = {}): Promise<Record<string, string | Uint8Array>> {
  return {
    'cases/case3024/B-3024-1.ics': ics(),
    'cases/case3024/B_3024_1.LEFT_CC.LJPEG': await film(width, height),
    'cases/case3024/B_3024_1.LEFT_CC.OVERLAY': overlay,
    // Its header has width and height swapped, as those of some published films.
    'cases/case3024/B_3024_1.LEFT_MLO.LJPEG': await film(height, width),
    'cases/case3024/TAPE_B_3024_1.COMB.16_PGM': 'P5',
    ...more,
  };
}

describe('ddsm', () => {
  it('reads cases with their outlines', async () => {
    const set = await readDataset(write(await published()));
    expect([set.format, set.classes, set.issues]).toEqual(['ddsm', ['normal', 'abnormal'], []]);
    expect(labelled(set)).toEqual([
      'cases/case3024/B_3024_1.LEFT_CC.LJPEG abnormal',
      'cases/case3024/B_3024_1.LEFT_MLO.LJPEG normal',
    ]);
    const [first, second] = set.samples;
    expect([first?.patient, first?.view, second?.patient, second?.view]).toEqual(['B_3024', 'L-CC', 'B_3024', 'L-MLO']);
    expect(first?.regions).toEqual([
      {
        kind: 'polygon',
        points: [
          { x: 2.5, y: 3.5 },
          { x: 6.5, y: 3.5 },
          { x: 6.5, y: 7.5 },
          { x: 2.5, y: 7.5 },
        ],
      },
      {
        kind: 'polygon',
        points: [
          { x: 6.5, y: 10.5 },
          { x: 8.5, y: 12.5 },
          { x: 4.5, y: 12.5 },
        ],
      },
    ]);
  });

  it('learns a pathology or a type of lesion, and scales outlines to films made smaller', async () => {
    const files = await published();
    delete files['cases/case3024/B_3024_1.LEFT_CC.LJPEG'];
    const root = write({ ...files, 'B_3024_1.LEFT_CC.png': { width: width / 2, height: height / 2 } });
    const set = await readDataset(root, { positive: 'malignant' });
    expect(set.classes).toEqual(['not malignant', 'malignant']);
    const [region, ...others] = sampleOf(set, 'B_3024_1.LEFT_CC.png').regions;
    expect([region && regionBounds(region), others]).toEqual([{ x0: 2.25, y0: 5.25, x1: 4.25, y1: 6.25 }, []]);
    for (const positive of ['benign', 'benign without callback', 'mass', 'calcification']) {
      expect((await readDataset(root, { positive })).samples.filter(({ label }) => label === 1)).toHaveLength(1);
    }
  });

  it('decodes films to optical density, in the size that the case says', async () => {
    const root = write(await published());
    const path = join(root, 'cases/case3024/B_3024_1.LEFT_MLO.LJPEG');
    expect(await imageSize(path)).toEqual({ width, height });
    const bytes = readFileSync(path);
    const scan = await filmScanOf(path);
    expect(scan).toMatchObject({ width, height, bitsPerPixel: 12, digitizer: 'LUMISYS' });
    const image = await decodeImage(bytes, path, { scan });
    expect([image.width, image.height, image.highest]).toEqual([width, height, 65535]);
    // The calibration of Lumisys by hand.
    const expected = [...levels].map((level) => {
      const density = Math.min(Math.max((4096.99 - level) / 1009.01, 0.05), 3.6);
      return Math.round(((3.6 - density) / 3.55) * 65535);
    });
    expect([...image.pixels]).toEqual(expected);
    const stored = await describeStored(bytes, path, scan);
    expect(stored).toMatchObject({ format: 'lossless jpeg', shape: [height, width], bitsStored: 12, dtype: 'uint16' });
    expect([stored.min, stored.max]).toEqual([Math.min(...levels), Math.max(...levels)]);
    // Without what the case says, the samples as stored, in the header's size.
    expect([...(await decodeImage(bytes, 'bare')).pixels]).toEqual([...levels]);
  });

  it('means the same by a level whatever the digitizer', () => {
    // Levels of a density of 1.5, from the calibrations solved for it.
    const level = { DBA: 10 ** (4.80662 - 1.07553 * 1.5), HOWTEK: (3.789 - 1.5) / 0.00094568 } as const;
    const others = {
      'HOWTEK-ISMD': (3.96604095240593 - 1.5) / 0.00099055807612,
      LUMISYS: 4096.99 - 1009.01 * 1.5,
    } as const;
    for (const [digitizer, value] of Object.entries({ ...level, ...others })) {
      const [found = 0] = levelsToDensity(Uint16Array.of(Math.round(value)), digitizer as 'DBA');
      expect(Math.abs(found - ((3.6 - 1.5) / 3.55) * 65535)).toBeLessThan(20);
      // Brighter film, higher level: in range at both ends.
      const ends = levelsToDensity(Uint16Array.of(0, 65535), digitizer as 'DBA');
      expect([...ends]).toEqual([0, 65535]);
    }
  });

  it('keeps films of another scan apart in the cache', async () => {
    const root = write(await published());
    const path = join(root, 'cases/case3024/B_3024_1.LEFT_CC.LJPEG');
    const preprocessing = {
      width,
      height,
      intensity: { range: 'full-scale' },
      crop: 'none',
      fit: 'stretch',
      clahe: null,
      normalization: { kind: 'image' },
      antialias: true,
    } as const;
    const cache = openImageCache({ directory: join(root, 'cache'), preprocessing });
    const before = await cache.prepare(path);
    expect(await cache.prepare(path)).toEqual(before);
    write(await published());
    const other = write(await published({ 'cases/case3024/B-3024-1.ics': ics('HOWTEK') }));
    const after = await cache.prepare(join(other, 'cases/case3024/B_3024_1.LEFT_CC.LJPEG'));
    expect(cache.statistics).toEqual({ decoded: 2, hits: 1 });
    expect(after.pixels).not.toEqual(before.pixels);
  });

  it('names file and line of what is wrong', async () => {
    const root = write(
      await published({
        'cases/case3024/B-3024-1.ics': ics(
          'LUMISYS',
          'RIGHT_CC LINES x PIXELS_PER_LINE 9 BITS_PER_PIXEL 12',
          'RIGHT_MLO LINES 20 PIXELS_PER_LINE 12 BITS_PER_PIXEL 12 RESOLUTION 50 OVERLAY',
        ),
        'cases/case3024/B_3024_1.LEFT_CC.OVERLAY': overlay
          .replace('PATHOLOGY MALIGNANT', 'PATHOLOGY ODD')
          .replace(square, '2 3 2 2 9 #')
          .replace(triangle, '6 10 2 6 #')
          .replace('ABNORMALITIES 2', 'ABNORMALITIES 3'),
        'cases/case3025/C-3025-1.ics': ics('OTHER'),
      }),
    );
    const texts = issueTexts(await failureOf(() => readDataset(root)), root);
    expect(texts.toSorted()).toEqual([
      'cases/case3024/B-3024-1.ics:8: RIGHT_CC lacks one of LINES, PIXELS_PER_LINE, BITS_PER_PIXEL, or it is not a possible number',
      'cases/case3024/B-3024-1.ics:9: the .OVERLAY file of RIGHT_MLO is missing, so its contents are unknown: left out',
      'cases/case3024/B_3024_1.LEFT_CC.OVERLAY: it says 3 abnormalities and has 2',
      'cases/case3024/B_3024_1.LEFT_CC.OVERLAY:13: "ODD" is not a pathology of this set (column "PATHOLOGY")',
      'cases/case3024/B_3024_1.LEFT_CC.OVERLAY:16: the outline has no area (column "BOUNDARY")',
      'cases/case3024/B_3024_1.LEFT_CC.OVERLAY:8: the outline is not a chain code: "9" is not a direction from 0 to 7 (column "BOUNDARY")',
      'cases/case3025/C-3025-1.ics: the digitizer "OTHER" is not known: DBA, HOWTEK and LUMISYS are (column "DIGITIZER")',
    ]);
  });

  it('takes an overlay of no abnormality for a normal film', async () => {
    const more = { 'cases/case3024/B_3024_1.LEFT_CC.OVERLAY': 'TOTAL_ABNORMALITIES 0\n' };
    const root = write({
      ...(await published(more)),
      'cases/case3025/C-3025-1.ics': ics().replace('RESOLUTION 50 OVERLAY', 'RESOLUTION 50 NON_OVERLAY'),
      'cases/case3025/C_3025_1.LEFT_CC.OVERLAY': overlay,
      'cases/case3025/C_3025_1.LEFT_CC.png': { width, height },
    });
    const set = await readDataset(root);
    // And believes an overlay that the case does not mention.
    expect(set.samples.map(({ patient, label }) => [patient, label])).toEqual([
      ['B_3024', 0],
      ['B_3024', 0],
      ['C_3025', 1],
    ]);
    const empty = { 'cases/case3024/B_3024_1.LEFT_CC.OVERLAY': 'nothing\n' };
    const failed = write(await published(empty));
    expect(issueTexts(await failureOf(() => readDataset(failed)), failed)[0]).toBe(
      'cases/case3024/B_3024_1.LEFT_CC.OVERLAY: it has no ABNORMALITY',
    );
  });

  it('says what is wrong with a film', async () => {
    const files = await published();
    const path = 'cases/case3024/B_3024_1.LEFT_CC.LJPEG';
    const failure = async (more: Readonly<Record<string, string | Uint8Array>>): Promise<string> => {
      const root = write(more);
      const scan = filmScanOf(join(root, path));
      const call = async (): Promise<unknown> =>
        decodeImage(readFileSync(join(root, path)), path, { scan: await scan });
      return (await failureOf(call)).message.replaceAll(`${root}/`, '');
    };
    expect(await failure({ ...files, [path]: await film(10, 20) })).toContain(
      'its header says 10 x 20 pixels, the .ics file 12 x 20',
    );
    expect(await failure({ [path]: files[path] as Uint8Array })).toContain(
      'the .ics file of its case, which gives its size',
    );
    expect(await failure({ ...files, [path]: (files[path] as Uint8Array).subarray(0, 60) })).not.toBe('');
  });

  it.skipIf(!existsSync(shared))(
    'reads a published case but for its films, which are not at hand (needs shared/data)',
    async () => {
      const issues = new IssueList();
      for (const [view, rows] of [
        ['LEFT_CC', 5236],
        ['LEFT_MLO', 5386],
      ] as const) {
        const [found, ...others] = await readOverlay(join(sample, `A_1459_1.${view}.OVERLAY`), issues);
        expect([found?.findings, others]).toEqual([['mass', 'benign'], []]);
        const region = found?.region;
        if (region === undefined) throw new Error('no outline');
        const { x0, y0, x1, y1 } = regionBounds(region);
        // In the film, round as the record says, and closed: its last step leads back to its first pixel.
        expect(x0 > 0 && y0 > 0 && x1 < 2521 && y1 < rows).toBe(true);
        expect(Math.abs((x1 - x0) / (y1 - y0) - 1)).toBeLessThan(0.35);
        expect(regionContains(region, (x0 + x1) / 2, (y0 + y1) / 2)).toBe(true);
      }
      expect(issues.list()).toEqual([]);
      const root = write({
        ...Object.fromEntries(
          ['A-1459-1.ics', 'A_1459_1.LEFT_CC.OVERLAY', 'A_1459_1.LEFT_MLO.OVERLAY'].map((name) => [
            name,
            readFileSync(join(sample, name)),
          ]),
        ),
        'A_1459_1.LEFT_CC.png': { width: 252, height: 524 },
        'A_1459_1.RIGHT_CC.png': { width: 233, height: 464 },
      });
      const set = await readDataset(root);
      expect(labelled(set)).toEqual(['A_1459_1.LEFT_CC.png abnormal', 'A_1459_1.RIGHT_CC.png normal']);
    },
  );
});
