import type { LabelledFile } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import type { ReaderFormat } from './formats.js';

/** A folder and the names of all files below it, as readers see it. */
export interface FolderListing {
  /** Absolute path of the folder. */
  readonly root: string;
  /** Relative, `/`-separated, sorted; no hidden files. */
  readonly files: readonly string[];
  /** The file that the user named instead of the folder, relative to it; undefined where it was the folder. */
  readonly start: string | undefined;
}

/** What a reader found: labels, and ground truth for testing. Images are not decoded. */
export interface FoundDataset {
  readonly files: readonly LabelledFile[];
  readonly truth: readonly RegionRow[];
  /** Name of the positive class, where the set settles it. */
  readonly positive?: string;
}

export interface ReaderOptions {
  /** Folders that images may lie in when they are not where the set has them, absolute; from `--images`. */
  readonly images: string | undefined;
  /** Name of the label to learn, where a set has many (such as `Nodule` of NIH ChestX-ray14). */
  readonly positive: string | undefined;
  /** Whether to give all labels of an image, `|` between them, where the set has many; one of two unless given. */
  readonly multiLabel?: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Reads one public data set, or one annotation format, from its files as published. */
export interface DatasetReader<F extends ReaderFormat = ReaderFormat> {
  /** Name of the format on the command line, such as `mias`. */
  readonly format: F;
  /** Name of the set or format for people. */
  readonly title: string;
  /**
   * Whether the files look like this set: by their names and, where names don't settle it, by the first bytes of one or
   * two of them. Quick, and never an error.
   */
  recognises(listing: FolderListing): boolean | Promise<boolean>;
  /**
   * Reads it. Problems go to `issues` with file and line, and the rest is read all the same.
   *
   * @throws WeakspotError `aborted` by the signal; `usage` where an option does not go with this set.
   */
  read(listing: FolderListing, options: ReaderOptions, issues: IssueList): Promise<FoundDataset>;
}
