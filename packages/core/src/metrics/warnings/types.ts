/** What can stand between an evaluation's numbers and what a reader takes them for; in the order in which warnings come. */
export const warningCodes = [
  'trained-on',
  'validated-on',
  'no-better-than-random',
  'brightness',
  'position',
  'evidence-elsewhere',
  'auc-at-chance',
  'few-located',
  'unread-images',
  'different-images',
  'older-comparison',
] as const;
export type WarningCode = (typeof warningCodes)[number];

/** What a reader should know before believing the numbers of an evaluation. */
export interface EvaluationWarning {
  readonly code: WarningCode;
  /** For a person, the figures included: sentences without the last full stop. */
  readonly text: string;
  /** What the text says in numbers, by the keys of the JSON record where it has them. */
  readonly figures: Readonly<Record<string, number>>;
  /** Of a multi-label set, the class that it is about; undefined: all of them. */
  readonly class?: string;
}
