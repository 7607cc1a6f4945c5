import { WeakspotError } from '@weakspot/core';
import { didYouMean } from '../suggest.js';

/** Name of the positive class where any finding counts. */
export const ANY_FINDING = 'finding';

/** Findings that say how a lesion is and not what: the negatives of the others are `no mass`, theirs `not malignant`. */
const ADJECTIVES = new Set(['malignant', 'benign', 'suspicious']);

/** How the findings of an image, of which it may have several or none, become one of two classes. */
export interface FindingChoice {
  readonly positive: string;
  readonly negative: string;
  /** Class of an image with these findings. */
  labelOf(findings: ReadonlySet<string>): string;
  /** Whether a mark of this finding is one of the positive class. */
  counts(finding: string): boolean;
}

/**
 * Two classes for a set of many findings. With a finding named, images that have it stand against all others, named
 * `no <finding>`, among them images of other findings only. Without one, or with the name for any of them, images with any
 * finding stand against those without.
 *
 * @param known All findings of the set.
 * @param none The set's own name for images without a finding.
 * @param any Its name for those with one.
 * @throws WeakspotError `usage` where the set has no such finding.
 */
export function chooseFinding(
  positive: string | undefined,
  known: ReadonlySet<string>,
  none: string,
  any: string = ANY_FINDING,
): FindingChoice {
  if (positive === undefined || positive === any) {
    return {
      positive: any,
      negative: none,
      labelOf: (findings) => (findings.size > 0 ? any : none),
      counts: () => true,
    };
  }
  if (!known.has(positive)) {
    const names = [...known].toSorted();
    throw new WeakspotError('usage', `there is no finding "${positive}"${didYouMean(positive, names)}`, {
      hint: `The set's findings are ${names.join(', ')}; "${any}" stands for any of them.`,
    });
  }
  const negative = `${ADJECTIVES.has(positive) ? 'not' : 'no'} ${positive}`;
  return {
    positive,
    negative,
    labelOf: (findings) => (findings.has(positive) ? positive : negative),
    counts: (finding) => finding === positive,
  };
}
