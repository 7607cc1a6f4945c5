import type { Box } from '@weakspot/core';
import { WeakspotError } from '@weakspot/core';
import type { BoxRow } from './boxes.js';
import { fitBox } from './boxes.js';
import type { ClassChoice } from './classes.js';
import { mapLimited } from './concurrency.js';
import type { LabelledFile } from './dataset.js';
import { imageSize } from './decode.js';
import type { ImageSize } from './image.js';
import type { IssueList } from './issues.js';

/** Image headers read at once. */
const CONCURRENCY = 16;

export interface GroundTruth {
  /** By sample name, clipped to the image, in the table's order. */
  readonly boxes: ReadonlyMap<string, readonly Box[]>;
  /** Samples whose image header can't be read. */
  readonly unreadable: ReadonlySet<string>;
}

/** The files of a set by name; `undefined` stands for one that was left out, and reported, before. */
export type FilesByName = ReadonlyMap<string, LabelledFile | undefined>;

/** Puts boxes on the samples they belong to. Reads the headers of images with boxes, for their size. */
export async function placeBoxes(
  rows: readonly BoxRow[],
  files: FilesByName,
  choice: ClassChoice,
  options: { readonly strict: boolean; readonly signal: AbortSignal | undefined },
  issues: IssueList,
): Promise<GroundTruth> {
  const mine = rows.filter((row) => belongs(row, files, choice, issues));
  const names = [...new Set(mine.map((row) => row.name))];
  const pathOf = (name: string): string => files.get(name)?.path ?? name;
  const sizes = await mapLimited(names, CONCURRENCY, async (name) => sizeOrError(pathOf(name)), options.signal);

  const known = new Map<string, ImageSize>();
  const unreadable = new Set<string>();
  names.forEach((name, i) => {
    const size = sizes[i] as ImageSize | WeakspotError;
    if (!(size instanceof WeakspotError)) {
      known.set(name, size);
      return;
    }
    unreadable.add(name);
    const reason = size.issues[0]?.message ?? size.message;
    issues.leftOut(options.strict, `image "${name}" cannot be read: ${reason}`, { file: pathOf(name) });
  });

  const boxes = new Map<string, Box[]>();
  for (const row of mine) {
    const size = known.get(row.name);
    const box = size === undefined ? undefined : fitBox(row, size, issues);
    if (box === undefined) continue;
    const others = boxes.get(row.name);
    if (others === undefined) boxes.set(row.name, [box]);
    else others.push(box);
  }
  return { boxes, unreadable };
}

/** Whether the box is on a sample of the set, and of its class; what is odd about it is reported. */
function belongs(
  { name, label, place }: BoxRow,
  files: FilesByName,
  { classes, positive }: ClassChoice,
  issues: IssueList,
): boolean {
  const file = files.get(name);
  if (file === undefined) {
    if (!files.has(name)) issues.warning('boxes without a label', `"${name}" has a box but no label: left out`, place);
    return false;
  }
  if (label !== undefined && label !== file.label && classes.includes(label)) {
    const message = `the box is labelled "${label}", its image "${name}" is labelled "${file.label}": left out`;
    issues.warning('boxes of another class', message, { ...place, field: 'label' });
    return false;
  }
  if (classes.length === 2 && file.label !== classes[positive]) {
    issues.warning('boxes on negative images', `"${name}" is labelled "${file.label}" and has a box`, place);
  }
  return true;
}

async function sizeOrError(path: string): Promise<ImageSize | WeakspotError> {
  try {
    return await imageSize(path);
  } catch (error) {
    if (error instanceof WeakspotError && error.code === 'data') return error;
    throw error;
  }
}
