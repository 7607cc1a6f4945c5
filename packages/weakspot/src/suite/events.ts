import type { CompareEvent } from '../compare/events.js';
import type { Suite } from './result.js';

/** What a suite reports, in order. */
export type SuiteEvent =
  | {
      readonly type: 'suite';
      readonly folder: string;
      readonly sets: readonly string[];
      readonly settings: readonly string[];
    }
  /** Films that are made for a set. */
  | { readonly type: 'phantoms'; readonly set: string; readonly done: number; readonly total: number }
  /** All sets can be trained on: from here on runs are trained, so many with those that are finished. */
  | { readonly type: 'checked'; readonly runs: number }
  /** A set's comparison begins, or goes on; `number` counts from 1. */
  | { readonly type: 'set'; readonly set: string; readonly number: number; readonly total: number }
  | { readonly type: 'compare'; readonly set: string; readonly event: CompareEvent }
  /** A set failed; the others go on. */
  | { readonly type: 'failed'; readonly set: string; readonly error: unknown; readonly message: string }
  /** The suite was asked to stop: the same request goes on. */
  | { readonly type: 'stopped'; readonly folder: string }
  | {
      readonly type: 'done';
      readonly folder: string;
      /** Files written. */
      readonly files: readonly string[];
      readonly suite: Suite;
    };
