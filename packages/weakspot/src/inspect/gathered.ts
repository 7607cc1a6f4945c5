import type { DataIssue } from '@weakspot/core';
import type { Dataset, Split } from '../data/dataset.js';
import type { SplitFractions } from '../data/split.js';
import type { SetMeasures } from '../propose/index.js';
import type { CopiedImage } from './background.js';
import type { Detail } from './detail.js';

export interface InspectDatasetOptions {
  /** As of `readDataset`. */
  readonly images?: string;
  readonly boxes?: string;
  readonly positive?: string;
  readonly format?: string;
  /** Shares of the parts, as training would divide the set; 0.8, 0.1 and 0.1 unless given. */
  readonly split?: SplitFractions;
  /** Of the division into parts, the folds of the shortcut check and the choice of pictures; 0 unless given. */
  readonly seed?: number;
  /** Threads that decode: the number of cores unless given, and never more than 8; 0 decodes in the caller's. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** An image that was decoded. */
export interface MeasuredImage extends CopiedImage {
  readonly detail: Detail | undefined;
}

/** What was gathered of a data set. */
export interface Gathered {
  readonly dataset: Dataset;
  /** Of the samples, in their order; undefined where the set cannot be divided. */
  readonly parts: readonly Split[] | undefined;
  readonly measured: readonly MeasuredImage[];
  /** So far: of reading, dividing and decoding. */
  readonly issues: readonly DataIssue[];
  readonly seed: number;
  /** What settings are proposed from; undefined where no image that this looks at can be decoded. */
  readonly measures: SetMeasures | undefined;
}
