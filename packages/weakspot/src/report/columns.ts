import type { ComparedMap } from '@weakspot/core';
import type { EvaluationRecord } from './record.js';

/** A number of an evaluation as tables show it. */
export interface ScoreColumn {
  readonly key: ScoreKey | 'hitRateGain';
  /** The column's head. */
  readonly name: string;
  /** What it is, for the legend under a table. */
  readonly meaning: string;
}

export type ScoreKey =
  | 'acc'
  | 'auc'
  | 'apPositive'
  | 'apNegative'
  | 'locAp'
  | 'hitRate'
  | 'hitRateRandom'
  | 'hitRateShuffled'
  | 'hitRateMean'
  | 'hitRateFixed'
  | 'hitRateBrightest'
  | 'hitRateDarkest';

/** The columns of the paper's Table 1. */
export const paperColumns = [
  { key: 'acc', name: 'ACC', meaning: 'accuracy' },
  { key: 'auc', name: 'AUC', meaning: 'area under the ROC curve' },
  { key: 'apPositive', name: 'AP+', meaning: 'average precision for the positive class' },
  { key: 'apNegative', name: 'AP-', meaning: 'average precision for all others' },
  { key: 'locAp', name: 'Loc AP', meaning: 'AP+ that counts a positive image only if its response hits' },
] as const satisfies readonly ScoreColumn[];

/** The hit rates that a model's must be compared with. */
export const baselineColumns = [
  { key: 'hitRateRandom', name: 'Random', meaning: 'random points' },
  { key: 'hitRateShuffled', name: 'Shuffled', meaning: "other images' responses" },
  { key: 'hitRateMean', name: 'Mean map', meaning: "the model's mean map" },
  { key: 'hitRateFixed', name: 'Fixed', meaning: 'the best single point for all images' },
  { key: 'hitRateBrightest', name: 'Bright', meaning: 'the brightest point of the blurred image' },
  { key: 'hitRateDarkest', name: 'Dark', meaning: 'its darkest point' },
] as const satisfies readonly ScoreColumn[];

export const hitRateColumn = {
  key: 'hitRate',
  name: 'Hit rate',
  meaning: 'share of positive images with ground truth whose response lies on it',
} as const satisfies ScoreColumn;

/** All of them, in the order of tables. */
export const scoreColumns: readonly (ScoreColumn & { readonly key: ScoreKey })[] = [
  ...paperColumns,
  hitRateColumn,
  ...baselineColumns,
];

/** The heads of the columns that show metrics with other maps than the model's. */
export const mapColumns: Readonly<Record<ComparedMap, string>> = {
  random: 'Random',
  centred: 'Centred',
  mean: 'Mean map',
  brightest: 'Bright',
  darkest: 'Dark',
};

/** A record's number for a column; null also where an earlier version did not measure it. */
export function scoreOf(record: EvaluationRecord, { key }: { readonly key: ScoreKey }): number | null {
  return record[key] ?? null;
}

/** What columns mean: the legend under a table. */
export function legendOf(columns: readonly ScoreColumn[]): string {
  const of = (some: readonly ScoreColumn[]): string =>
    some.map(({ name, meaning }) => `${name}: ${meaning}`).join('; ');
  const isBaseline = ({ key }: ScoreColumn): boolean => baselineColumns.some((one) => one.key === key);
  const [own, others] = [columns.filter((column) => !isBaseline(column)), columns.filter(isBaseline)];
  const sentences = [of(own), ...(others.length === 0 ? [] : [`Hit rates to compare it with: ${of(others)}`])];
  return `${sentences.join('. ')}.`;
}

/** The legend under `metricsTable`. */
export function scoreLegend(): string {
  return legendOf(scoreColumns);
}

/** What the columns of `estimatesTable` mean. */
export const estimatesLegend =
  `The other columns: the same metrics with the model's probabilities but other maps. Random: noise; Centred: the middle of the image; ` +
  `Mean map: the mean of the model's maps, for every image; Bright, Dark: the brightness of the blurred image, or its negative.`;
