import { closest, distance } from 'fastest-levenshtein';

/** ` (did you mean "x"?)` where a known name differs by few letters: two (of short names one), or a third of them. */
export function didYouMean(given: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const lower = given.toLowerCase();
  const nearest = closest(
    lower,
    known.map((name) => name.toLowerCase()),
  );
  // Two letters exchanged count as two.
  const allowed = Math.max(given.length > 3 ? 2 : 1, Math.floor(given.length / 3));
  if (distance(lower, nearest) > allowed) return '';
  return ` (did you mean "${known.find((name) => name.toLowerCase() === nearest)}"?)`;
}
