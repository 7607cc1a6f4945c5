import type { DataIssue } from '@weakspot/core';
import type { EvaluationRecord } from '../report/record.js';
import type { TrainEvent } from '../train/events.js';
import type { Comparison } from './comparison.js';
import type { RunState } from './runs.js';

/** A run among all of a comparison. */
export interface RunPlace {
  readonly method: string;
  readonly seed: number;
  readonly fold: number | null;
  /** Absolute path. */
  readonly folder: string;
  /** From 1, of `total`. */
  readonly number: number;
  readonly total: number;
}

/** What a comparison reports, in order. */
export type CompareEvent =
  | {
      readonly type: 'plan';
      readonly folder: string;
      readonly dataset: string;
      readonly methods: readonly string[];
      readonly seeds: readonly number[];
      readonly folds: number | null;
      /** By fold, or of all runs. */
      readonly parts: readonly { readonly train: number; readonly validation: number; readonly test: number }[];
      /** Test sets with the images of all folds together. */
      readonly tests: readonly { readonly name: string; readonly path: string | null; readonly images: number }[];
      readonly runs: number;
      readonly issues: readonly DataIssue[];
    }
  /** A run's training begins, goes on, or is found finished. */
  | {
      readonly type: 'run';
      readonly run: RunPlace;
      readonly state: RunState;
      /** The method whose run with the same seed has trained for both: they differ in the map that is read. */
      readonly trainedAs?: string;
    }
  | { readonly type: 'train'; readonly run: RunPlace; readonly event: TrainEvent }
  /** All runs are trained: from here on test images are looked at. */
  | { readonly type: 'trained'; readonly runs: number }
  | {
      readonly type: 'evaluate';
      readonly run: RunPlace;
      readonly test: string;
      readonly done: number;
      readonly total: number;
    }
  /** Images that could not be read and are not part of the metrics. */
  | { readonly type: 'issues'; readonly issues: readonly DataIssue[] }
  | {
      readonly type: 'evaluated';
      readonly run: RunPlace;
      readonly test: string;
      readonly record: EvaluationRecord;
      /** Whether it had been evaluated before. */
      readonly kept: boolean;
    }
  /** Draws of the test images, of `total` over all test sets. */
  | { readonly type: 'resample'; readonly done: number; readonly total: number }
  /** The comparison was asked to stop: the same request goes on. */
  | { readonly type: 'stopped'; readonly folder: string }
  | {
      readonly type: 'done';
      readonly folder: string;
      /** Files written. */
      readonly files: readonly string[];
      readonly comparison: Comparison;
    };
