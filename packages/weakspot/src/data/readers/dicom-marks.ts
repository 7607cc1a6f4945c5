import { WeakspotError } from '@weakspot/core';
import { throwIfAborted } from '../concurrency.js';
import type { IssueList } from '../issues.js';
import type { Mark } from './annotated-set.js';
import type { DicomHeader } from './dicom-headers.js';
import { readWhole } from './dicom-headers.js';
import { MaskBudget } from './mask-budget.js';
import type { DicomMark } from './seg-regions.js';
import { readSegmentation } from './seg-regions.js';
import { readReport } from './sr-regions.js';

/** What the segmentations and reports of a folder mark. */
export interface DicomMarks {
  /**
   * The marks on an image. Of one with several frames those on the frame with most of them, and which one that is, from 1;
   * `undefined`: the first.
   */
  on(image: DicomHeader): { readonly marks: readonly Mark[]; readonly frame: number | undefined };
  /** Reports marks on images that were not asked for: they are not there. */
  reportMissing(): void;
}

/** A mark that is on the frames named, or all. */
interface PlacedMark extends Mark {
  readonly instance: string;
  readonly frames: readonly number[];
}

/**
 * Reads the segmentations (SEG) and reports (SR) among the files; one that is damaged is an error in `issues`.
 *
 * @param areLabels Whether an image without a mark is a negative: then a mark that isn't known to be on any is an error.
 */
export async function readDicomMarks(
  headers: readonly DicomHeader[],
  signal: AbortSignal | undefined,
  issues: IssueList,
  areLabels = false,
): Promise<DicomMarks> {
  const marks = new Map<string, PlacedMark[]>();
  const asked = new Set<string>();
  const budget = new MaskBudget();
  for (const header of headers) {
    throwIfAborted(signal);
    for (const mark of await marksOf(header, budget, issues, areLabels)) {
      const others = marks.get(mark.instance);
      if (others === undefined) marks.set(mark.instance, [mark]);
      else others.push(mark);
    }
  }
  return {
    on: (image) => {
      const instance = image.instance ?? '';
      asked.add(instance);
      return chooseFrame(marks.get(instance) ?? [], image, issues);
    },
    reportMissing: () => {
      for (const [instance, [mark]] of marks) {
        if (asked.has(instance)) continue;
        const message = 'it refers to an image that is not here: left out';
        issues.warning('annotated images that are missing', message, mark?.place);
      }
    },
  };
}

async function marksOf(
  { path, kind }: DicomHeader,
  budget: MaskBudget,
  issues: IssueList,
  areLabels: boolean,
): Promise<PlacedMark[]> {
  if (kind !== 'segmentation' && kind !== 'report') return [];
  try {
    const bytes = await readWhole(path);
    if (kind === 'segmentation') {
      const { marks, unplaced } = await readSegmentation(bytes, path, budget);
      if (unplaced > 0)
        reportLost(`${unplaced} of its frames do not say which image they belong to`, path, issues, areLabels);
      return marks.flatMap((mark) => mark.regions.map((region) => placed(mark, { region, within: mark.within }, path)));
    }
    const { marks, unplaced, unread } = readReport(bytes, path);
    if (unplaced > 0)
      reportLost(`${unplaced} of its graphics do not say which image they belong to`, path, issues, areLabels);
    for (const what of unread) warn(`it has ${what}: a mark without a region`, path, issues);
    return marks.flatMap((mark) => {
      const regions = mark.regions.length > 0 ? mark.regions : [undefined];
      return regions.map((region) => placed(mark, { region }, path));
    });
  } catch (error) {
    if (!(error instanceof WeakspotError) || error.code !== 'data') throw error;
    issues.error(error.issues[0]?.message ?? error.message, { file: path });
    return [];
  }
}

/** The images that such marks are on would be taken as without a finding. */
function reportLost(message: string, file: string, issues: IssueList, areLabels: boolean): void {
  if (areLabels) issues.error(message, { file });
  else warn(`${message}: left out`, file, issues);
}

function warn(message: string, file: string, issues: IssueList): void {
  issues.warning('DICOM annotations that cannot be used', message, { file });
}

function placed(
  { instance, frames, label }: DicomMark,
  mark: Pick<Mark, 'region' | 'within'>,
  file: string,
): PlacedMark {
  return { instance, frames, label, ...mark, place: { file } };
}

/** The frame with most marks and its marks; a mark without a frame is on any. */
function chooseFrame(
  marks: readonly PlacedMark[],
  { path }: DicomHeader,
  issues: IssueList,
): { marks: readonly Mark[]; frame: number | undefined } {
  const counts = new Map<number, number>();
  for (const frame of marks.flatMap(({ frames }) => frames)) counts.set(frame, (counts.get(frame) ?? 0) + 1);
  const [best] = [...counts].toSorted(([a, marksA], [b, marksB]) => marksB - marksA || a - b);
  if (best === undefined) return { marks, frame: undefined };
  const [frame] = best;
  const chosen = marks.filter(({ frames }) => frames.length === 0 || frames.includes(frame));
  if (chosen.length < marks.length) {
    const message = `frame ${frame} is taken, which has the most marks; those on other frames (${marks.length - chosen.length}) are left out`;
    issues.warning('images with marks on several frames', message, { file: path });
  }
  return { marks: chosen, frame: frame === 1 ? undefined : frame };
}
