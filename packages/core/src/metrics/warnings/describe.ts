import { warningWords } from './catalogue.js';
import { type EvaluationWarning, type WarningCode, warningCodes } from './types.js';

/** A warning, and what it is about: a model or a run, by a name that a reader knows. */
export interface NamedWarning {
  readonly of: string;
  readonly warning: Pick<EvaluationWarning, 'code' | 'figures' | 'class'>;
}

/**
 * Warnings of several models as sentences, one for each code: what holds of all models alike is said once, else each is named with its
 * figures.
 *
 * @param models The names of all models, those without a warning too.
 */
export function describeWarnings(
  warnings: readonly NamedWarning[],
  models: readonly string[],
): { readonly code: WarningCode; readonly text: string }[] {
  return warningCodes.flatMap((code) => {
    const found = warnings.filter(({ warning }) => warning.code === code);
    if (found.length === 0) return [];
    const { statement, figures, advice } = warningWords[code];
    const shown = found.map(({ of, warning }) => ({
      of: warning.class === undefined ? of : `${of}, ${warning.class}`,
      figures: figures(warning.figures),
      isOfClass: warning.class !== undefined,
    }));
    const [first] = shown;
    const isShared =
      models.every((model) => found.some(({ of }) => of === model)) &&
      shown.every((one) => !one.isOfClass && one.figures === first?.figures);
    const figuresOfAll = first === undefined || first.figures === '' ? '' : ` (${first.figures})`;
    const listed = shown.map((one) => (one.figures === '' ? one.of : `${one.of}: ${one.figures}`)).join('; ');
    const sentences = [isShared ? `${statement}${figuresOfAll}` : `${statement}. ${listed}`, advice];
    return [{ code, text: `${sentences.filter((sentence) => sentence !== undefined).join('. ')}.` }];
  });
}
