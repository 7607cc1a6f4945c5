import { WeakspotError } from '../errors.js';

/** Beyond this many degrees of freedom Student's distribution is taken for the normal one: they differ by less than 1e-6. */
const NORMAL_FROM = 1e6;

/**
 * Two-sided p-value of a Student-distributed statistic: the probability of one at least as far from 0 as `t`. With
 * infinite degrees of freedom that of a normal one.
 *
 * @param freedom Degrees of freedom, more than 0; may be infinite.
 * @returns 0..1; 0 for an infinite `t`, NaN for one that is NaN.
 * @throws WeakspotError `usage` unless `freedom` is more than 0.
 */
export function studentTails(t: number, freedom = Infinity): number {
  if (!(freedom > 0)) {
    throw new WeakspotError('usage', `studentTails: ${freedom} degrees of freedom`, { hint: 'Give more than 0.' });
  }
  if (Number.isNaN(t)) return Number.NaN;
  const square = t * t;
  if (square === Infinity) return 0;
  // The tails are the regularised incomplete beta function at freedom / (freedom + t^2), or the complementary error function.
  return freedom > NORMAL_FROM
    ? upperGammaOfHalf(square / 2)
    : incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square));
}

/**
 * The distance from 0 within which a Student-distributed statistic lies with probability `level`: 1.96 for 0.95 and
 * infinite degrees of freedom.
 *
 * @param level Between 0 and 1.
 * @throws WeakspotError `usage` where an argument is out of range.
 */
export function studentQuantile(level: number, freedom = Infinity): number {
  if (!(level > 0 && level < 1)) {
    throw new WeakspotError('usage', `studentQuantile: level ${level}`, { hint: 'Choose a level between 0 and 1.' });
  }
  let [low, high] = [0, 1];
  while (studentTails(high, freedom) > 1 - level && high < Number.MAX_VALUE / 4) [low, high] = [high, 2 * high];
  // Bisection until neighbouring numbers.
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (studentTails(middle, freedom) > 1 - level) low = middle;
    else high = middle;
  }
  return high;
}

/** Terms below this share of the whole change no bit of it. */
const EPSILON = 2 ** -53;
const TINY = 1e-300;
/** More than any argument within the limits above needs. */
const MOST_TERMS = 20_000;

/** `Q(1/2, x)`, the upper regularised incomplete gamma function: erfc of the root of x (Abramowitz & Stegun 6.5.29, 6.5.31). */
function upperGammaOfHalf(x: number): number {
  if (x === 0) return 1;
  const scale = Math.exp(-x) * Math.sqrt(x / Math.PI);
  if (x < 1.5) {
    let [term, sum] = [2, 2];
    for (let n = 1; term > sum * EPSILON; n++) sum += term *= x / (n + 0.5);
    return 1 - sum * scale;
  }
  return scale * continuedFraction(x + 0.5, (n) => [-n * (n - 0.5), x + 2 * n + 0.5]);
}

/** `1 / (b0 + a1 / (b1 + a2 / (b2 + ...)))` by Lentz's method (Press et al., Numerical Recipes, 5.2). */
function continuedFraction(b0: number, terms: (n: number) => readonly [a: number, b: number]): number {
  let numerator = b0 === 0 ? TINY : b0;
  let ratio = numerator;
  let denominator = 0;
  for (let n = 1; n < MOST_TERMS; n++) {
    const [a, b] = terms(n);
    denominator = 1 / nonZero(b + a * denominator);
    ratio = nonZero(b + a / ratio);
    const change = ratio * denominator;
    numerator *= change;
    if (Math.abs(change - 1) <= EPSILON * 4) break;
  }
  return 1 / numerator;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** `I_x(a, b)`, the regularised incomplete beta function (Abramowitz & Stegun 26.5.8). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly below the mean, and the function has a mirror.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const power = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  const fraction = continuedFraction(1, (n) => {
    const m = Math.floor(n / 2);
    return n % 2 === 0
      ? [(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), 1]
      : [(-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)), 1];
  });
  return (Math.exp(power) / a) * fraction;
}

/** Lanczos' coefficients for g = 7. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Logarithm of the gamma function of a number from 1/2 on. */
function logGamma(value: number): number {
  const x = value - 1;
  const t = x + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (x + i)), 0);
  return Math.log(Math.sqrt(2 * Math.PI)) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}
