import { formatScore } from '../format-score.js';
import type { EvaluationWarning, WarningCode } from './types.js';

type Figures = EvaluationWarning['figures'];

/** The words of a warning: what holds, the figures that show it, and what to do. Without full stops at the end. */
export interface WarningWords {
  readonly statement: string;
  readonly figures: (figures: Figures) => string;
  readonly advice?: string;
}

const images = (count = 0): string => `${count} image${count === 1 ? '' : 's'}`;
const named = (byName?: number): string =>
  byName === undefined ? '' : ', judged by name, as the files that it was trained on are no longer there';
const percent = (share = 0): string => `${Math.round(100 * share)} %`;

/** The one place for the words of warnings: no caller has any of its own. */
export const warningWords: Readonly<Record<WarningCode, WarningWords>> = {
  'trained-on': {
    statement: 'The model was trained on images that it is tested on: the numbers say nothing about unseen images',
    figures: ({ trained, images: all, byName }) => `${trained} of ${images(all)}${named(byName)}`,
  },
  'validated-on': {
    statement:
      'The model is tested on images of its validation part: choices were based on them, so the numbers may be too good',
    figures: ({ validated, images: all, byName }) => `${validated} of ${images(all)}${named(byName)}`,
  },
  'no-better-than-random': {
    statement: 'The hit rate is no higher than that of random points: the map does not show where lesions are',
    figures: ({ hitRate, hitRateRandom }) => `hit rate ${formatScore(hitRate)}, random ${formatScore(hitRateRandom)}`,
  },
  brightness: {
    statement:
      'The brightest or the darkest point of the blurred image hits at least as often: the hit rate does not show that more than ' +
      'brightness was learned',
    figures: ({ hitRate, hitRateBrightest, hitRateDarkest }) =>
      `hit rate ${formatScore(hitRate)}, brightest ${formatScore(hitRateBrightest)}, darkest ${formatScore(hitRateDarkest)}`,
  },
  position: {
    statement:
      'The hit rate does not show that single lesions are found: the responses of other images hit as often (within chance), or ' +
      'the mean of the maps, given for every image, does',
    figures: ({ hitRate, hitRateShuffled, hitRateMean, hitRateFixed, hitRateRandom }) =>
      `hit rate ${formatScore(hitRate)}, shuffled ${formatScore(hitRateShuffled)}, mean map ${formatScore(hitRateMean)}, ` +
      `best fixed point ${formatScore(hitRateFixed)}, random ${formatScore(hitRateRandom)}`,
    advice: 'A smaller --tolerance asks for more than the rough position',
  },
  'evidence-elsewhere': {
    statement:
      "The evidence lies in the other classes' maps, not in the positive class's map, which is the one that is read",
    figures: ({ negativeShare, positive, difference, negative, hitRateRandom }) =>
      [
        ...(negativeShare === undefined
          ? []
          : [`${percent(negativeShare)} of the evidence for positive images comes through them`]),
        ...(positive === undefined
          ? []
          : [
              `hit rate of the positive map ${formatScore(positive)}, of the difference ${formatScore(difference)}, of the others ` +
                `negated ${formatScore(negative)}, random ${formatScore(hitRateRandom)}`,
            ]),
      ].join('; '),
    advice: 'Read another map (--map difference), or train with localizer.evidence: single',
  },
  'auc-at-chance': {
    statement: 'Images are ranked no better than chance',
    figures: ({ auc }) => `AUC ${formatScore(auc)}`,
  },
  'few-located': {
    statement: 'Few positive images have ground truth: a single one changes the hit rate',
    figures: ({ located = 1 }) => `${images(located)}, by ${formatScore(1 / located)}`,
  },
  'unread-images': {
    statement: 'Some images could not be read and are left out',
    figures: ({ unread, images: all }) => `${unread} of ${images(all)}`,
  },
  'different-images': {
    statement: 'The methods were tested on different images: their numbers cannot be compared directly',
    figures: () => '',
  },
  'older-comparison': {
    statement:
      'The comparison was made by a version that placed maps differently on the images: its intervals and differences of localization ' +
      'are left out',
    figures: () => '',
    advice: 'Run "weakspot compare" with its settings and folder to test its runs again',
  },
};
