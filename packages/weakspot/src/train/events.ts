import type { DataIssue, Provider } from '@weakspot/core';
import type { CheckpointKind } from '../run/folder.js';

/** Means over one epoch, a line of `metrics.jsonl`. Losses of a head that the method has not are null. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly alpha: number;
  readonly learningRate: number;
  readonly loss: number;
  readonly classifierLoss: number | null;
  readonly localizerLoss: number;
  readonly gradientNorm: number;
  /** The localizer's on the validation part; null without one. */
  readonly validationLoss: number | null;
  /** Area under the ROC curve of the positive class on the validation part; null without one or with one class in it. */
  readonly validationAuc: number | null;
  /** Images trained per second. */
  readonly imagesPerSecond: number;
}

/** What a training run reports, in order. */
export type TrainEvent =
  | {
      readonly type: 'data';
      readonly dataset: string;
      readonly classes: readonly string[];
      readonly positive: string;
      /** Images may have several of the classes. */
      readonly multiLabel?: true;
      readonly images: { readonly train: number; readonly validation: number; readonly test: number };
      /** How the data set was read, and further formats that recognised it. */
      readonly format: string;
      readonly otherFormats: readonly string[];
      /** What was left out or looks wrong. */
      readonly issues: readonly DataIssue[];
    }
  | {
      readonly type: 'device';
      /** What the engine computes on. */
      readonly provider: Provider;
      /** Such as the processor's name and how many threads, or the card's, as far as it can be told. */
      readonly name: string;
      /** Why what `auto` would have preferred is not used: a line each. */
      readonly notes: readonly string[];
    }
  | {
      /** The run starts from other weights (`init`). */
      readonly type: 'init';
      /** Absolute path of what they come from. */
      readonly path: string;
      /** Of the weights: names, shapes and values. */
      readonly sha256: string;
      /** Parameters whose weights were taken; those drawn anew; and weights of the other model that have no use here. */
      readonly taken: readonly string[];
      readonly drawn: readonly string[];
      readonly unused: readonly string[];
    }
  | {
      readonly type: 'prepare';
      readonly done: number;
      readonly total: number;
      /** Images decoded so far; the others came from the cache. */
      readonly decoded: number;
      /** Images found unreadable just now, and left out. */
      readonly issues: readonly DataIssue[];
    }
  | {
      readonly type: 'start';
      /** Epochs done before, when resumed. */
      readonly epoch: number;
      readonly epochs: number;
      readonly steps: number;
      /** Learned values. */
      readonly parameters: number;
      readonly run: string;
    }
  | {
      readonly type: 'step';
      /** From 1. */
      readonly epoch: number;
      /** From 1, of `steps` in this epoch. */
      readonly step: number;
      readonly steps: number;
      readonly alpha: number;
      readonly learningRate: number;
      readonly loss: number;
      readonly classifierLoss: number | null;
      readonly localizerLoss: number;
      /** Euclidean norm before clipping. */
      readonly gradientNorm: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | { readonly type: 'epoch'; readonly record: EpochRecord }
  | { readonly type: 'checkpoint'; readonly kind: CheckpointKind; readonly path: string; readonly epoch: number }
  /** The run was asked to stop: everything needed to resume it is saved. */
  | { readonly type: 'stopped'; readonly epoch: number; readonly step: number; readonly run: string }
  | { readonly type: 'done'; readonly run: string; readonly model: string; readonly epochs: number };
