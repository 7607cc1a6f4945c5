import { IssueList } from '../issues.js';
import { readDicomHeaders } from './dicom-headers.js';
import { readDicomMarks } from './dicom-marks.js';
import { dicomSeg } from './dicom-seg.js';
import type { FolderListing } from './reader.js';

/** What the segmentations (SEG) and reports (SR) in a folder say of the images beside them. */
export interface MarkedFrames {
  /** The frame with most marks, from 1, by the image's name; of images whose first frame is meant, none. */
  readonly frames: ReadonlyMap<string, number>;
  /** Names of the segmentations and reports themselves: they are no images. */
  readonly annotations: ReadonlySet<string>;
  /** Names of those among them that can't be read. */
  readonly unreadable: ReadonlySet<string>;
}

/**
 * Which frames of a folder's images are marked, as `dicom-seg` takes them for training and evaluation; undefined where that
 * is not how the folder is read.
 *
 * @throws WeakspotError `aborted` by the signal.
 */
export async function markedFrames(listing: FolderListing, signal?: AbortSignal): Promise<MarkedFrames | undefined> {
  if (!(await dicomSeg.recognises(listing))) return undefined;
  const issues = new IssueList();
  const headers = await readDicomHeaders(listing, undefined, signal, issues);
  const annotations = headers.filter(({ kind }) => kind === 'segmentation' || kind === 'report');
  // Of the headers an image that can't be read is told of where it is decoded.
  const damaged = new IssueList();
  const marks = await readDicomMarks(headers, signal, damaged);
  const files = new Set(damaged.list().flatMap(({ severity, file }) => (severity === 'error' ? [file] : [])));
  const frames = new Map<string, number>();
  for (const header of headers) {
    const { frame } = header.kind === 'image' ? marks.on(header) : { frame: undefined };
    if (frame !== undefined) frames.set(header.name, frame);
  }
  const named = (which: typeof annotations): Set<string> => new Set(which.map(({ name }) => name));
  return {
    frames,
    annotations: named(annotations),
    unreadable: named(annotations.filter(({ path }) => files.has(path))),
  };
}
