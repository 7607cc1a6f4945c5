import type { Metrics } from '../evaluate.js';
import { warningWords } from './catalogue.js';
import type { EvaluationWarning, WarningCode } from './types.js';

/** Fewer located images than this make a hit rate a rough one. */
const FEW = 30;

/** What one model was found to be on one set of images, or of a multi-label set one class. */
export interface MeasuredModel {
  readonly metrics: Metrics;
  /** How much of the localization is a position that was learned. */
  readonly position?: { readonly isPosition: boolean; readonly mean: { readonly hitRate: number } } | undefined;
  /** In which class's map the evidence lies; only of a model whose positive map is read. */
  readonly evidence?:
    | {
        readonly misplaced: boolean;
        readonly negativeShare: number | undefined;
        readonly hitRates: Readonly<Record<'positive' | 'difference' | 'negative', number>> | undefined;
      }
    | undefined;
  /** Of a multi-label set. */
  readonly class?: string;
}

/** What is known of the images that a model was tested on, whatever it says of them. */
export interface TestedImages {
  /** Those that were measured. */
  readonly images: number;
  /** Of the training and of the validation part of the model. */
  readonly trained?: number;
  readonly validated?: number;
  /** How many of both were told by their names only. */
  readonly byName?: number;
  /** Those that could not be read. */
  readonly unread?: number;
}

/**
 * What a reader should know before believing the numbers of an evaluation: the one list of warnings, for the library, the command
 * line and reports.
 *
 * @param models The model, or of a multi-label set each of its classes.
 */
export function evaluationWarnings(models: readonly MeasuredModel[], tested: TestedImages): EvaluationWarning[] {
  const { images, trained = 0, validated = 0, byName = 0, unread = 0 } = tested;
  const named = byName > 0 ? { byName } : {};
  return [
    ...(trained > 0 ? [warning('trained-on', { trained, images, ...named })] : []),
    ...(validated > 0 ? [warning('validated-on', { validated, images, ...named })] : []),
    ...models.flatMap(warningsOfModel),
    ...(unread > 0 ? [warning('unread-images', { unread, images: images + unread })] : []),
  ];
}

function warningsOfModel(model: MeasuredModel): EvaluationWarning[] {
  const { metrics, position, evidence } = model;
  const { hitRate, hitRateRandom, hitRateShuffled, hitRateFixed, hitRateBrightest, hitRateDarkest, auc } = metrics;
  const found: EvaluationWarning[] = [];
  const add = (code: WarningCode, figures: Readonly<Record<string, number | undefined>>): void => {
    found.push(warning(code, figures, model.class));
  };
  if (hitRate !== undefined && hitRateRandom !== undefined) {
    if (hitRate <= hitRateRandom) add('no-better-than-random', { hitRate, hitRateRandom });
    const bright = Math.max(hitRateBrightest ?? 0, hitRateDarkest ?? 0);
    // Where brightness does not tell lesions from other places either, being as bad says nothing of the model.
    if (bright >= hitRate && bright > hitRateRandom)
      add('brightness', { hitRate, hitRateBrightest, hitRateDarkest, hitRateRandom });
    if (position?.isPosition === true) {
      const hitRateMean = position.mean.hitRate;
      add('position', { hitRate, hitRateShuffled, hitRateMean, hitRateFixed, hitRateRandom });
    }
  }
  if (evidence?.misplaced === true)
    add('evidence-elsewhere', { negativeShare: evidence.negativeShare, ...evidence.hitRates, hitRateRandom });
  if (auc !== undefined && auc <= 0.5) add('auc-at-chance', { auc });
  found.push(...fewLocated(metrics.located, model.class));
  return found;
}

/** Warns of a hit rate over few images: also of those that several models have together, as the folds of a set do. */
export function fewLocated(located: number, ofClass?: string): EvaluationWarning[] {
  return located > 0 && located < FEW ? [warning('few-located', { located }, ofClass)] : [];
}

/** Warns of models that are compared although they were tested on different images. */
export function differentImages(): EvaluationWarning {
  return warning('different-images', {});
}

/** Warns of a comparison whose localization an earlier version measured, with maps drawn elsewhere over the images. */
export function olderComparison(): EvaluationWarning {
  return warning('older-comparison', {});
}

function warning(
  code: WarningCode,
  known: Readonly<Record<string, number | undefined>>,
  ofClass?: string,
): EvaluationWarning {
  const figures = Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
  const words = warningWords[code];
  const shown = words.figures(figures);
  const sentence = `${words.statement}${shown === '' ? '' : ` (${shown})`}`;
  return {
    code,
    text: words.advice === undefined ? sentence : `${sentence}. ${words.advice}`,
    figures,
    ...(ofClass === undefined ? {} : { class: ofClass }),
  };
}
