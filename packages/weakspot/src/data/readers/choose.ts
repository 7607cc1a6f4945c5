import { basename, dirname, resolve } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import type { LabelledFile } from '../dataset.js';
import { kindOf, type ListingReports, listFilesBelow } from '../files.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { didYouMean } from '../suggest.js';
import { formats } from './formats.js';
import { readers } from './index.js';
import type { DatasetReader, FolderListing } from './reader.js';

/**
 * What is below the folder at `path`, or below the folder of the file there; undefined where there is nothing. What of it
 * can't be listed is told to `reports`.
 */
export async function listForReaders(path: string, reports?: ListingReports): Promise<FolderListing | undefined> {
  const start = resolve(path);
  const kind = await kindOf(start);
  if (kind === undefined) return undefined;
  const root = kind === 'folder' ? start : dirname(start);
  return { root, files: await listFilesBelow(root, reports), start: kind === 'file' ? basename(start) : undefined };
}

export interface ReaderChoice {
  /** Undefined where it is for the label table or the class folders. */
  readonly reader: DatasetReader | undefined;
  /** Formats of further readers that recognise the folder. */
  readonly others: readonly string[];
}

/**
 * The reader for a folder: the one that is asked for, else the first that recognises it. A folder with a `labels.csv` is
 * a table, whatever else it looks like.
 *
 * @throws WeakspotError `usage` where there is no such format.
 */
export async function chooseReader(
  listing: FolderListing,
  { format, labels }: { readonly format: string | undefined; readonly labels: string | undefined },
  path: string,
): Promise<ReaderChoice> {
  if (format !== undefined) {
    if (!formats.includes(format)) {
      throw new WeakspotError('usage', `${path}: there is no format "${format}"${didYouMean(format, formats)}`, {
        hint: `The formats are ${formats.join(', ')}.`,
      });
    }
    return { reader: readers.find((reader) => reader.format === format), others: [] };
  }
  if (labels !== undefined || (listing.start === undefined && listing.files.includes('labels.csv'))) {
    return { reader: undefined, others: [] };
  }
  const recognising: DatasetReader[] = [];
  for (const reader of readers) if (await reader.recognises(listing)) recognising.push(reader);
  const [first, ...others] = recognising;
  return { reader: first, others: others.map((other) => other.format) };
}

/** @throws what the reader throws. */
export async function readWith(
  reader: DatasetReader,
  listing: FolderListing,
  options: {
    readonly images?: string;
    readonly positive?: string;
    readonly multiLabel?: boolean;
    readonly signal?: AbortSignal;
  },
  issues: IssueList,
): Promise<{
  name: string;
  format: string;
  root: string;
  labels: undefined;
  files: readonly LabelledFile[];
  truth: readonly RegionRow[];
  positive?: string;
}> {
  const images = options.images === undefined ? undefined : resolve(options.images);
  const { positive, signal, multiLabel = false } = options;
  const found = await reader.read(listing, { images, positive, signal, multiLabel }, issues);
  return { name: basename(listing.root), format: reader.format, root: listing.root, labels: undefined, ...found };
}
