import type { MaskRegion } from '@weakspot/core';
import type { Attributes, DicomImage } from '../../dicom/index.js';
import { openDicom, unreadableDicom } from '../../dicom/index.js';
import type { MaskBudget } from './mask-budget.js';
import { maskRegions } from './mask-regions.js';

/** What a DICOM object marks on an image. */
export interface DicomMark {
  /** SOP Instance UID of the image. */
  readonly instance: string;
  /** Frames of the image that are meant, from 1; empty: all. */
  readonly frames: readonly number[];
  /** What was found, in the words of its code. */
  readonly label: string | undefined;
  /** The frame or content item, from 1, for messages. */
  readonly item: number;
}

export interface SegmentMark extends DicomMark {
  readonly regions: readonly MaskRegion[];
  /** Size of the segmentation's frames. */
  readonly within: { readonly width: number; readonly height: number };
}

/**
 * The segments of a DICOM Segmentation (PS3.3 A.51 and C.8.20) on the images that its frames are derived from. A frame is a
 * mask of one segment: binary, one bit a pixel, or fractional, of which at least half of the maximum belongs to it. Each
 * connected part (8 neighbours) is a region.
 *
 * @returns Frames that don't say which image they are of, and the marks of the others; of an empty frame none.
 * @throws WeakspotError `data` where the file isn't one, or damaged.
 */
export async function readSegmentation(
  bytes: Uint8Array,
  file: string,
  budget: MaskBudget,
): Promise<{ marks: readonly SegmentMark[]; unplaced: number }> {
  const image = openDicom(bytes, file);
  const { module, dataSet } = image;
  const isSegmented = dataSet.has('SegmentSequence') && module.samplesPerPixel === 1 && !module.float;
  if (!isSegmented || module.bitsAllocated > 16)
    throw unreadableDicom(file, 'it is not a segmentation of bits, bytes or words');
  const segments = new Map(
    dataSet.items('SegmentSequence').map((item) => [item.number('SegmentNumber') ?? 0, labelOf(item)]),
  );
  const shared = dataSet.items('SharedFunctionalGroupsSequence')[0];
  const groups = dataSet.items('PerFrameFunctionalGroupsSequence');
  const only = onlyReference(dataSet);
  const threshold = thresholdOf(image);
  const within = { width: module.columns, height: module.rows };

  const marks: SegmentMark[] = [];
  let unplaced = 0;
  for (let frame = 1; frame <= module.frames; frame++) {
    const group = groups[frame - 1];
    const sources = sourcesOf(group, shared);
    const references = sources.length > 0 ? sources : only === undefined ? [] : [{ instance: only, frames: [] }];
    const samples = await image.frame(frame);
    const set = new Uint8Array(samples.length);
    for (let i = 0; i < set.length; i++) if ((samples[i] as number) >= threshold) set[i] = 1;
    const regions = maskRegions(set, within, budget);
    if (typeof regions === 'string') throw unreadableDicom(file, regions);
    if (regions.length === 0) continue;
    if (references.length === 0) unplaced++;
    const label = segments.get(segmentOf(group) ?? segmentOf(shared) ?? 0);
    // Several sources make one frame where the segmentation is on a mean of images.
    for (const reference of references) marks.push({ ...reference, label, item: frame, regions, within });
  }
  return { marks, unplaced };
}

/** The least value that belongs to the segment. */
function thresholdOf({ dataSet, module }: DicomImage): number {
  if (dataSet.string('SegmentationType') !== 'FRACTIONAL') return 1;
  const most = dataSet.number('MaximumFractionalValue') ?? 2 ** module.bitsStored - 1;
  return Math.max(1, most / 2);
}

function labelOf(segment: Attributes): string | undefined {
  const [code] = segment.items('SegmentedPropertyTypeCodeSequence');
  return code?.string('CodeMeaning') ?? segment.string('SegmentLabel');
}

function segmentOf(group: Attributes | undefined): number | undefined {
  return group?.items('SegmentIdentificationSequence')[0]?.number('ReferencedSegmentNumber');
}

function sourcesOf(
  group: Attributes | undefined,
  shared: Attributes | undefined,
): Pick<DicomMark, 'instance' | 'frames'>[] {
  for (const place of [group, shared]) {
    const sources = (place?.items('DerivationImageSequence') ?? []).flatMap((item) =>
      item.items('SourceImageSequence'),
    );
    const found = sources.flatMap((source) => referenceOf(source) ?? []);
    if (found.length > 0) return found;
  }
  return [];
}

/**
 * The image that an item refers to (PS3.3 table 10-3).
 *
 * @throws WeakspotError `data` where a frame's number can't be read.
 */
export function referenceOf(item: Attributes): Pick<DicomMark, 'instance' | 'frames'> | undefined {
  const instance = item.string('ReferencedSOPInstanceUID');
  if (instance === undefined) return undefined;
  const frames = item.numbers('ReferencedFrameNumber');
  // Without a number it would be of all frames.
  if (!frames.every((frame) => Number.isInteger(frame) && frame >= 1))
    throw item.unreadable('ReferencedFrameNumber', 'is not of whole numbers from 1');
  return { instance, frames };
}

/** The image of a segmentation that lists one alone. */
function onlyReference(dataSet: Attributes): string | undefined {
  const series = dataSet.items('ReferencedSeriesSequence');
  const instances = series.flatMap((item) => item.items('ReferencedInstanceSequence'));
  const found = new Set(instances.flatMap((item) => item.string('ReferencedSOPInstanceUID') ?? []));
  return found.size === 1 ? [...found][0] : undefined;
}
