/** A linear axis: the values it spans and where its ticks are, ascending. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/**
 * An axis over the finite ones of these values, with about `count` ticks at multiples of 1, 2 or 5 times a power of
 * ten. It ends at ticks where `round` is set, else at the lowest and highest value. Without values it spans 0..1, and
 * one value lies in the middle.
 */
export function axisOver(values: readonly number[], count: number, round: boolean): Axis {
  const finite = values.filter(Number.isFinite);
  let low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  let high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (finite.length === 0) [low, high] = [0, 1];
  if (low === high) {
    const margin = Math.abs(low) / 2 || 0.5;
    [low, high] = [low - margin, high + margin];
  }
  const step = niceStep((high - low) / Math.max(1, count));
  if (round) {
    low = Math.floor(low / step) * step;
    high = Math.ceil(high / step) * step;
  }
  const ticks: number[] = [];
  // Counted in steps: adding the step up would drift. The margin keeps an end that rounding pushed past its tick.
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(clean(i * step));
  return { low, high, ticks };
}

/** A tick's value as text, in the shortest form. */
export function tickText(value: number): string {
  return String(clean(value)).replace('-', '−');
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Without the error in the last places: 0.30000000000000004 becomes 0.3. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}
