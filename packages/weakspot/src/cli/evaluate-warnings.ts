import type { EvaluateEvent } from '../evaluate/index.js';
import { formatScore } from '../report/index.js';

/** Says so where the map that was read is not the one in which the evidence lies. */
export function warnOfEvidence(
  path: string,
  { evidence, metrics }: Extract<EvaluateEvent, { type: 'done' }>,
  log: (line: string) => void,
): void {
  if (evidence?.misplaced !== true) return;
  const { negativeShare: share, hitRates } = evidence;
  const carried =
    share === undefined ? '' : `: ${Math.round(100 * share)} % of what tells positive images apart comes through them`;
  log(`warning: ${path}: the evidence lies in the other classes' maps, not in the positive class's${carried}`);
  if (hitRates !== undefined) {
    const [own, both, others] = [hitRates.positive, hitRates.difference, hitRates.negative].map(formatScore);
    const random = formatScore(metrics.hitRateRandom);
    log(
      `  hit rate of the positive map ${own}, of the difference ${both}, of the others negated ${others} (random ${random})`,
    );
  }
  log('  read another map (--map difference), or train with localizer.evidence: single');
}

/** Says so where the hit rate does not show that lesions were found. */
export function warnOfPosition(
  path: string,
  { position, metrics, classes }: Extract<EvaluateEvent, { type: 'done' }>,
  log: (line: string) => void,
): void {
  for (const one of classes ?? [{ name: undefined, metrics, position }]) {
    if (one.position?.isPosition !== true) continue;
    const { hitRate, hitRateShuffled, hitRateRandom, hitRateFixed } = one.metrics;
    const [own, shuffled, random, fixed] = [hitRate, hitRateShuffled, hitRateRandom, hitRateFixed].map(formatScore);
    const of = one.name === undefined ? path : `${path}, ${one.name}`;
    log(`warning: ${of}: the hit rate, ${own}, does not show that single lesions are found`);
    log(
      `  the responses of other images hit ${shuffled}, the mean of the maps, given for every image, ` +
        `${formatScore(one.position.mean.hitRate)}, the best fixed point ${fixed} (random ${random}); a smaller --tolerance asks for more`,
    );
  }
}
