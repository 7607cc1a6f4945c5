import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { regionBounds } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { FileOptions, Value, Values } from '../../dicom/testing/file.js';
import { dicomFile, imageValues } from '../../dicom/testing/file.js';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';
import { MaskBudget } from './mask-budget.js';
import { readSegmentation } from './seg-regions.js';
import { readReport } from './sr-regions.js';

const shared = join(import.meta.dirname, '../../../../../../shared/data');
const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const [columns, rows] = [5, 3];
const image = (instance: string, more: Values = {}): Uint8Array =>
  dicomFile(
    imageValues(columns, rows, {
      SOPInstanceUID: instance,
      Modality: 'DX',
      PatientID: 'SECRET',
      PixelData: new Uint8Array(
        2 * columns * rows * ((more.NumberOfFrames as readonly number[] | undefined)?.[0] ?? 1),
      ),
      ...more,
    }),
  );
const reference = (instance: string, frame?: number): Values => ({
  ReferencedSOPInstanceUID: instance,
  ...(frame === undefined ? {} : { ReferencedFrameNumber: [frame] }),
});
const frameOf = (segment: number, ...sources: Values[]): Values => ({
  SegmentIdentificationSequence: [{ ReferencedSegmentNumber: [segment] }],
  ...(sources.length === 0 ? {} : { DerivationImageSequence: [{ SourceImageSequence: sources }] }),
});
const segments = ['mass', 'nodule'].map((meaning, i): Values => ({
  SegmentNumber: [i + 1],
  SegmentLabel: 'of SECRET',
  SegmentedPropertyTypeCodeSequence: [{ CodeMeaning: meaning }],
}));

/** Frames as texts of `.` and `#`, packed to bits without filling up a byte between them. */
function binary(
  frames: readonly string[],
  groups: readonly Values[],
  more: Values = {},
  options: FileOptions = {},
): Uint8Array {
  const bits = frames.join('').replaceAll(/\s/g, '');
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) bytes[i >> 3]! |= Number(bits[i] === '#') << (i & 7);
  return dicomFile(
    imageValues(columns, rows, {
      Modality: 'SEG',
      SegmentationType: 'BINARY',
      SegmentSequence: segments,
      BitsAllocated: [1],
      BitsStored: [1],
      HighBit: [0],
      NumberOfFrames: [frames.length],
      PerFrameFunctionalGroupsSequence: groups,
      PixelData: bytes,
      ...more,
    }),
    options,
  );
}

const bounds = (regions: readonly Parameters<typeof regionBounds>[0][]): number[][] =>
  regions.map((region) => Object.values(regionBounds(region)));

describe('dicom-seg: segmentations', () => {
  it('reads packed frames on the images that they are derived from; each part is a lesion', async () => {
    const seg = binary(
      ['##... ##... ....#', '..... ..... .....', '..... ..#.. .....'],
      [frameOf(1, reference('1.1')), frameOf(1, reference('1.2')), frameOf(2, reference('1.3'))],
    );
    const root = write({ IM1: image('1.1'), IM2: image('1.2'), IM3: image('1.3'), IM4: seg });
    const set = await readDataset(root);
    expect([set.format, set.classes, set.issues]).toEqual(['dicom-seg', ['no finding', 'finding'], []]);
    expect(labelled(set)).toEqual(['IM1 finding', 'IM2 no finding', 'IM3 finding']);
    expect(bounds(sampleOf(set, 'IM1').regions)).toEqual([
      [0, 0, 2, 2],
      [4, 2, 5, 3],
    ]);
    expect(bounds(sampleOf(set, 'IM3').regions)).toEqual([[2, 1, 3, 2]]);
    expect(new Set(set.samples.map(({ patient }) => patient))).toEqual(
      new Set([expect.stringMatching(/^[\da-f]{16}$/)]),
    );
    expect(JSON.stringify(set)).not.toContain('SECRET');
    expect(labelled(await readDataset(root, { positive: 'nodule' }))).toEqual([
      'IM1 no nodule',
      'IM2 no nodule',
      'IM3 nodule',
    ]);
  });

  it('reads segmentations and reports whose sequences a gateway wrote as UN', async () => {
    const unknown: FileOptions['unknown'] = [
      'PerFrameFunctionalGroupsSequence',
      'SegmentSequence',
      'ContentSequence',
      'GraphicData',
    ];
    for (const delimited of [false, true]) {
      const seg = binary(['##... ##... .....'], [frameOf(2, reference('1.1'))], {}, { unknown, delimited });
      const sr = dicomFile(
        {
          Modality: 'SR',
          ValueType: 'CONTAINER',
          ContentSequence: [finding('nodule'), scoord('CIRCLE', [2, 1, 3, 1], '1.2')],
        },
        { unknown, delimited },
      );
      const set = await readDataset(
        write({ 'a.dcm': image('1.1'), 'b.dcm': image('1.2'), 'c.dcm': image('1.3'), 'seg.dcm': seg, 'sr.dcm': sr }),
      );
      expect(labelled(set)).toEqual(['a.dcm nodule', 'b.dcm nodule', 'c.dcm no nodule']);
      expect(bounds(sampleOf(set, 'a.dcm').regions)).toEqual([[0, 0, 2, 2]]);
      expect(sampleOf(set, 'b.dcm').regions).toEqual([{ kind: 'circle', x: 2, y: 1, radius: 1 }]);
    }
  });

  it('takes half of the maximum of fractions, references shared by all frames, and the only image listed', async () => {
    const values = Uint8Array.from({ length: 15 }, (_, i) => (i === 0 ? 99 : i === 7 ? 100 : 0));
    const fractional = binary(['.'.repeat(15)], [frameOf(1)], {
      SegmentationType: 'FRACTIONAL',
      MaximumFractionalValue: [200],
      BitsAllocated: [8],
      BitsStored: [8],
      HighBit: [7],
      PixelData: values,
      SharedFunctionalGroupsSequence: [frameOf(1, reference('1.1'))],
    });
    const listed = binary(['#.... ..... .....'], [frameOf(1)], {
      ReferencedSeriesSequence: [{ ReferencedInstanceSequence: [reference('1.2')] }],
    });
    const set = await readDataset(
      write({
        'a.dcm': image('1.1'),
        'b.dcm': image('1.2'),
        'c.dcm': image('1.3'),
        'x.dcm': fractional,
        'y.dcm': listed,
      }),
    );
    expect(bounds(sampleOf(set, 'a.dcm').regions)).toEqual([[2, 1, 3, 2]]);
    expect(bounds(sampleOf(set, 'b.dcm').regions)).toEqual([[0, 0, 1, 1]]);
  });

  it('refuses a frame that is no number, which would mean all frames', async () => {
    for (const number of ['2nd', '1.5', '0']) {
      const seg = binary(
        ['#.... ..... .....'],
        [frameOf(1, { ReferencedSOPInstanceUID: '1.1', ReferencedFrameNumber: number })],
      );
      const failure = await failureOf(() => readSegmentation(seg, 'seg.dcm', new MaskBudget()));
      expect(failure.message).toMatch(/^seg\.dcm: its attribute ReferencedFrameNumber ".*" is not (a number|of whole)/);
    }
  });

  it('takes the frame with most marks of an image of several', async () => {
    const seg = binary(
      ['#.... ..... .....', '#.#.. ..... .....', '#.... ..... .....'],
      [frameOf(1, reference('1.1', 1)), frameOf(1, reference('1.1', 3)), frameOf(1, reference('1.9'))],
    );
    const root = write({
      'a.dcm': image('1.1', { NumberOfFrames: [3] }),
      'b.dcm': image('1.2', { NumberOfFrames: [2] }),
      'seg.dcm': seg,
    });
    const set = await readDataset(root);
    expect(set.samples.map(({ frame }) => frame)).toEqual([3, undefined]);
    expect(bounds(sampleOf(set, 'a.dcm').regions)).toEqual([
      [0, 0, 1, 1],
      [2, 0, 3, 1],
    ]);
    expect(issueTexts(set, root)).toEqual([
      'a.dcm: frame 3 is taken, which has the most marks; those on other frames (1) are left out',
      'seg.dcm: it refers to an image that is not here: left out',
    ]);
  });

  it('says so where a segmentation is damaged or says nothing of an image', async () => {
    const seg = binary(['#.... ..... .....', '#.... ..... .....'], [frameOf(1), frameOf(1, reference('1.1'))]);
    const loose = write({ 'a.dcm': image('1.1'), 'b.dcm': image('1.2'), 'seg.dcm': seg });
    // The image would be a negative.
    expect(issueTexts(await failureOf(() => readDataset(loose)), loose)).toEqual([
      'seg.dcm: 1 of its frames do not say which image they belong to',
    ]);
    const cut = write({ 'a.dcm': image('1.1'), 'b.dcm': image('1.2'), 'seg.dcm': seg.subarray(0, seg.length - 3) });
    const texts = issueTexts(await failureOf(() => readDataset(cut)), cut);
    expect(texts[0]).toMatch(/^seg\.dcm: /);
    expect(texts.join()).not.toContain('SECRET');
  });

  it('leaves class folders of DICOM files with reports of dose alone', async () => {
    const dose = dicomFile({ Modality: 'SR', ContentSequence: [{ ValueType: 'NUM' }] });
    const set = await readDataset(
      write({ 'tb/a.dcm': image('1.1'), 'normal/b.dcm': image('1.2'), 'normal/sr.dcm': dose }),
    );
    expect(set.format).toBe('class-folders');
  });

  it.skipIf(!existsSync(shared))('reads the segmentation of a liver (needs shared/data)', async () => {
    const file = join(shared, 'dicom-zoo/pydicom/test_files/liver_1frame.dcm');
    const { marks, unplaced } = await readSegmentation(readFileSync(file), file, new MaskBudget());
    expect(unplaced).toBe(0);
    expect(marks).toHaveLength(1);
    expect(marks[0]?.label).toBe('Liver');
    expect(marks[0]?.regions.length).toBeGreaterThan(0);
  });
});

function scoord(type: string, data: readonly number[], instance?: string): Values {
  const selected: Values = { ValueType: 'IMAGE', ReferencedSOPSequence: [reference(instance ?? '')] };
  return {
    ValueType: 'SCOORD',
    GraphicType: type,
    GraphicData: data,
    ...(instance === undefined ? {} : { ContentSequence: [selected] }),
  };
}
const finding = (meaning: string): Values => ({
  ValueType: 'CODE',
  ConceptNameCodeSequence: [{ CodeValue: '121071', CodingSchemeDesignator: 'DCM' }],
  ConceptCodeSequence: [{ CodeMeaning: meaning }],
});
const report = (...groups: (readonly Values[])[]): Uint8Array =>
  dicomFile({
    Modality: 'SR',
    ValueType: 'CONTAINER',
    ContentSequence: [
      {
        ValueType: 'CONTAINER',
        ContentSequence: groups.map((items) => ({
          ValueType: 'CONTAINER',
          ContentSequence: items as Value & readonly Values[],
        })),
      },
    ],
  });

describe('dicom-seg: reports', () => {
  it('reads graphics on the images that they are selected from, with the findings of their groups', async () => {
    const sr = report(
      [finding('mass'), scoord('POLYLINE', [0, 0, 2, 0, 2, 2, 0, 0], '1.1'), scoord('CIRCLE', [2, 1, 3, 1], '1.1')],
      [
        finding('nodule'),
        scoord('POINT', [2.5, 1.5], '1.2'),
        scoord('POLYLINE', [1, 1, 3, 1], '1.2'),
        scoord('ELLIPSE', [1, 1, 3, 1, 2, 0, 2, 2], '1.2'),
      ],
    );
    const root = write({ 'a.dcm': image('1.1'), 'b.dcm': image('1.2'), 'c.dcm': image('1.3'), 'sr.dcm': sr });
    const set = await readDataset(root);
    expect([set.format, set.issues]).toEqual(['dicom-seg', []]);
    expect(labelled(set)).toEqual(['a.dcm finding', 'b.dcm finding', 'c.dcm no finding']);
    expect(sampleOf(set, 'a.dcm').regions).toEqual([
      {
        kind: 'polygon',
        points: [
          { x: 0, y: 0 },
          { x: 2, y: 0 },
          { x: 2, y: 2 },
        ],
      },
      { kind: 'circle', x: 2, y: 1, radius: 1 },
    ]);
    const [point, line, ellipse] = sampleOf(set, 'b.dcm').regions;
    expect([point, line]).toEqual([
      { kind: 'circle', x: 2.5, y: 1.5, radius: 0.5 },
      { kind: 'circle', x: 2, y: 1, radius: 1 },
    ]);
    bounds([ellipse!])[0]!.forEach((edge, i) => expect(edge).toBeCloseTo([1, 0, 3, 2][i]!));
    expect((await readDataset(root, { positive: 'mass' })).classes).toEqual(['no mass', 'mass']);
  });

  it('takes the only image of the report for graphics that name none, and reports what it cannot use', () => {
    const kinds = [
      scoord('POLYLINE', [1, 1]),
      scoord('CIRCLE', [1, 1, 1, 1]),
      scoord('MULTIPOINT', [1, 2, 3]),
      scoord('SPLINE', [1, 1, 2, 2]),
      { ...scoord('POINT', [1, 1, 1]), ValueType: 'SCOORD3D' },
    ];
    const one = readReport(
      report([scoord('POINT', [1, 1]), { ValueType: 'IMAGE', ReferencedSOPSequence: [reference('1.1', 2)] }, ...kinds]),
      'sr.dcm',
    );
    // Each says that something is on the image, wherever it is.
    expect(one.marks.map(({ instance, frames, regions }) => [instance, frames, regions.length])).toEqual([
      ['1.1', [2], 1],
      ['1.1', [2], 0],
      ['1.1', [2], 0],
      ['1.1', [2], 0],
      ['1.1', [2], 0],
      ['1.1', [2], 0],
    ]);
    expect(one.unread).toEqual([
      'a polyline of one point',
      'a circle without area',
      'a graphic without points',
      'a graphic of type SPLINE',
      'coordinates in space (SCOORD3D)',
    ]);
    expect(readReport(report([scoord('POINT', [1, 1])]), 'sr.dcm')).toEqual({ marks: [], unplaced: 1, unread: [] });
  });
});
