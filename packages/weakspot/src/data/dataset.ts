import type { DataIssue, Region } from '@weakspot/core';
import type { PassedOver } from './passed-over.js';

export type Split = 'train' | 'validation' | 'test';

/** One labelled image file; nothing of it is decoded. */
export interface Sample {
  /** Path relative to the dataset's image root, `/`-separated, unique within the set. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /**
   * Index into the dataset's `classes`. In a multi-label set: the positive class where the image has it, else the first that
   * it has, else -1.
   */
  readonly label: number;
  /** Of a multi-label set, all classes that the image has, ascending; maybe none. */
  readonly labels?: readonly number[];
  readonly patient: string | undefined;
  /** From the label table's `split` column. */
  readonly split: Split | undefined;
  /** Such as `PA`, `L-MLO`; where the data set says. */
  readonly view?: string;
  /** Of a file with several frames, the one that is meant, from 1; the first unless given. */
  readonly frame?: number;
  /** Ground truth in the original image's pixels, clipped to the image. For testing only: training never reads it. */
  readonly regions: readonly Region[];
  /** Of a multi-label set, the class of each region; undefined where the annotation does not say it. */
  readonly regionLabels?: readonly (number | undefined)[];
}

export interface Dataset {
  /** The folder's name, or that of the folder that holds the CSV. */
  readonly name: string;
  /** How it was read: a reader's name, `table` or `class-folders`. */
  readonly format: string;
  /** Further formats that it could be read as, where several readers recognise it. */
  readonly otherFormats: readonly string[];
  /** Absolute path of the folder that sample names are relative to. */
  readonly root: string;
  /** Whether an image may have several classes, or none; each is then told by itself. */
  readonly multiLabel?: boolean;
  /** Two classes: the negative one first. More: sorted by name. A trained run's order where it was given. */
  readonly classes: readonly string[];
  /** Index of the positive class. */
  readonly positive: number;
  readonly samples: readonly Sample[];
  /** What of its folders was not taken for images, by kind. */
  readonly passedOver?: readonly PassedOver[];
  /** Warnings: what was left out, clipped or ignored. */
  readonly issues: readonly DataIssue[];
}

/** A sample as its reader found it, before classes and ground truth are known. */
export interface LabelledFile {
  readonly name: string;
  readonly path: string;
  readonly label: string;
  readonly patient: string | undefined;
  readonly split: Split | undefined;
  /** Line in the label table; undefined where the label is a folder's name. */
  readonly line: number | undefined;
  readonly view?: string;
  /** From 1. */
  readonly frame?: number;
}
