import type { TestEvidence, ComparedBoxMetric, ComparedScore, ComparedTest, Evidence } from '../compare/comparison.js';
import type { ErrorCode, MapChoice, WarningCode } from '@weakspot/core';

/** Points that hit without having learned anything of the single image. */
export const rivals = ['fixed', 'brightest', 'darkest'] as const;
export type Rival = (typeof rivals)[number];

/** How a setting's responses hit on a test set, and what that is to be compared with: means over the runs. */
export interface Pointing {
  readonly hitRate: ComparedScore | null;
  /** The hit rate less that of other images' responses. */
  readonly gain: ComparedScore | null;
  readonly random: number | null;
  readonly shuffled: number | null;
  readonly meanMap: number | null;
  readonly fixed: number | null;
  readonly brightest: number | null;
  readonly darkest: number | null;
  /** What hits at least as often: such a hit rate is no success. */
  readonly beatenBy: readonly Rival[];
}

/** A setting on a test set. */
export interface SuiteRow {
  readonly setting: string;
  /** The map whose response was measured. */
  readonly map: MapChoice;
  readonly auc: ComparedScore | null;
  readonly boxes: Readonly<Record<ComparedBoxMetric, number | null>>;
  /** With a tolerance of 0: the response lies in the region itself. */
  readonly inRegion: Pointing;
  /** With the suite's tolerance, half the network's stride unless it has one. */
  readonly atTolerance: Pointing;
}

/** What one test set of one set says. */
export interface SuiteTest extends ComparedTest {
  /** The set whose runs were tested. */
  readonly set: string;
  /** The set, and where it has several the test set: different ones have different titles. */
  readonly title: string;
  readonly rows: readonly SuiteRow[];
  readonly warnings: readonly { readonly code: WarningCode; readonly text: string }[];
}

/** A mean over test sets, whose errors over their images are independent. */
export interface SuiteMean {
  /** Test sets that tell it. */
  readonly tests: number;
  readonly mean: number;
  /** Over draws of the test images, for the models as they are; null where a set has none. */
  readonly low: number | null;
  readonly high: number | null;
  readonly standardError: number | null;
}

/** By how much a setting exceeds the first, as a mean over test sets. */
export interface SuiteDifference {
  readonly tests: number;
  readonly difference: number;
  /** Over draws of the test images, for the models as they are. p-values are adjusted for the number of settings (Holm). */
  readonly images: (Evidence & { readonly standardError: number }) | null;
  /** Over test images and trainings; null with one run of each. */
  readonly trainings: TestEvidence | null;
  readonly holds: 'nowhere' | 'images' | 'images and trainings';
}

/** A setting over all test sets. */
export interface SuiteOverall {
  readonly setting: string;
  readonly auc: SuiteMean | null;
  readonly hitRate: SuiteMean | null;
  readonly gain: SuiteMean | null;
  /** The lowest gain of a single run, and where. */
  readonly worst: { readonly title: string; readonly gain: number } | null;
  /** Titles of the test sets on which a point that has learned nothing hits at least as often. */
  readonly beaten: readonly string[];
  /** To the first setting, of which there are none. */
  readonly differences: { readonly auc: SuiteDifference | null; readonly gain: SuiteDifference | null } | null;
}

/** How far one set of a suite is. */
export interface SuiteSetState {
  readonly name: string;
  /** Of its comparison, relative to the suite's. */
  readonly folder: string;
  readonly state: 'waiting' | 'done' | 'failed';
  /** Why it failed. */
  readonly error: { readonly code: ErrorCode | null; readonly message: string } | null;
}

/** The result of a suite: `suite.json`. */
export interface Suite {
  readonly format: 1;
  readonly weakspot: string;
  readonly settings: readonly string[];
  readonly sets: readonly SuiteSetState[];
  readonly checkpoint: 'last' | 'best';
  /** In pixels of the network's input; null: half the stride of each network. */
  readonly tolerance: { readonly x: number; readonly y: number } | null;
  readonly resamples: number;
  readonly level: number;
  /** Of the sets that are done. */
  readonly tests: readonly SuiteTest[];
  /** Over these test sets, by setting: in the regions themselves, and with the tolerance. */
  readonly overall: { readonly inRegion: readonly SuiteOverall[]; readonly atTolerance: readonly SuiteOverall[] };
}
