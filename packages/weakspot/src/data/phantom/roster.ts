import { Random } from '@weakspot/core';

/** Who is on a film, and whether that film shows a lesion. */
export interface RosterEntry {
  readonly label: 'lesion' | 'normal';
  /** Index of the patient's first film. */
  readonly patient: number;
}

/** Labels are dealt in blocks of this many films, so that any stretch of films holds nearly the asked share. */
const BLOCK = 20;

/** Share of neighbouring film pairs (2k, 2k + 1) that show the same patient. */
const PAIRED = 0.3;

/**
 * Label and patient of film `index`, a pure function of its arguments. Label and patient are drawn from streams of
 * their own: a patient's two films may carry the same label or different ones.
 */
export function rosterEntry(seed: number, index: number, positiveFraction: number): RosterEntry {
  const block = Math.floor(index / BLOCK);
  const order = Array.from({ length: BLOCK }, (_, i) => i);
  new Random(seed, 'phantom', 'labels', block).shuffle(order);
  const rank = block * BLOCK + (order[index % BLOCK] as number);
  // Rank r is positive where the running total r * fraction passes a whole number: of the first n ranks, n * fraction.
  const positive = Math.floor((rank + 1) * positiveFraction) > Math.floor(rank * positiveFraction);

  const pair = Math.floor(index / 2);
  const paired = new Random(seed, 'phantom', 'pairs', pair).uniform() < PAIRED;
  return { label: positive ? 'lesion' : 'normal', patient: paired ? pair * 2 : index };
}
