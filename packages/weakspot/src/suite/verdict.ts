import { holm, mean, testDifference } from '@weakspot/core';
import {
  type ComparedDifference,
  type ComparedMethod,
  type ComparedScore,
  type Comparison,
  comparedBoxMetrics,
} from '../compare/comparison.js';
import { comparisonWarnings } from '../compare/warnings.js';
import {
  type Pointing,
  type Suite,
  type SuiteDifference,
  type SuiteMean,
  type SuiteOverall,
  type SuiteRow,
  type SuiteTest,
  rivals,
} from './result.js';

/** A set that is done. */
export interface ComparedSet {
  readonly name: string;
  readonly comparison: Comparison;
}

/** What the comparisons of a suite say: a table for each test set, and one over all. */
export function verdictOf(
  sets: readonly ComparedSet[],
  settings: readonly string[],
  level: number,
): Pick<Suite, 'tests' | 'overall'> {
  const tests = sets.flatMap(({ name, comparison }) =>
    comparison.tests.map((test) => ({ set: name, comparison, test: testOf(name, comparison, test) })),
  );
  const overall = (reading: Reading): SuiteOverall[] => {
    const differences = sharedDifferences(tests, settings, reading, level);
    return settings.map((setting, number): SuiteOverall => {
      const rows = tests.flatMap(({ test: { title, rows: of } }) =>
        of.filter((row) => row.setting === setting).map((row) => ({ title, row, pointing: row[reading] })),
      );
      const runs = rows.flatMap(({ title, pointing }) =>
        (pointing.gain?.values ?? []).map((gain) => ({ title, gain })),
      );
      return {
        setting,
        auc: meanOf(
          rows.map(({ row }) => row.auc),
          level,
        ),
        hitRate: meanOf(
          rows.map(({ pointing }) => pointing.hitRate),
          level,
        ),
        gain: meanOf(
          rows.map(({ pointing }) => pointing.gain),
          level,
        ),
        worst: runs.reduce<SuiteOverall['worst']>(
          (worst, run) => (worst === null || run.gain < worst.gain ? run : worst),
          null,
        ),
        beaten: rows.filter(({ pointing }) => pointing.beatenBy.length > 0).map(({ title }) => title),
        differences:
          number === 0
            ? null
            : { auc: differences.auc.get(setting) ?? null, gain: differences.gain.get(setting) ?? null },
      };
    });
  };
  return {
    tests: tests.map(({ test }) => test),
    overall: { inRegion: overall('inRegion'), atTolerance: overall('atTolerance') },
  };
}

type Reading = 'inRegion' | 'atTolerance';

function testOf(set: string, comparison: Comparison, test: Comparison['tests'][number]): SuiteTest {
  const { table, inRegion, methods } = comparison;
  const rowOf = (rows: readonly ComparedMethod[], method: string): ComparedMethod | undefined =>
    rows.find((row) => row.test === test.name && row.method === method);
  const rows = methods.flatMap((setting): SuiteRow[] => {
    const [usual, strict] = [rowOf(table, setting), rowOf(inRegion?.table ?? [], setting)];
    if (usual === undefined || strict === undefined) return [];
    const boxes = comparedBoxMetrics.map((key) => [key, usual.boxes?.[key] ?? null]);
    return [
      {
        setting,
        map: usual.map,
        auc: usual.scores.auc,
        boxes: Object.fromEntries(boxes) as SuiteRow['boxes'],
        inRegion: pointingOf(strict),
        atTolerance: pointingOf(usual),
      },
    ];
  });
  const title = comparison.tests.length === 1 ? set : `${set}: ${test.path === null ? 'own test part' : test.name}`;
  return { ...test, set, title, rows, warnings: comparisonWarnings(comparison, test.name) };
}

function pointingOf(row: ComparedMethod): Pointing {
  const points = { fixed: row.hitRateFixed, brightest: row.hitRateBrightest, darkest: row.hitRateDarkest };
  const hitRate = row.scores.hitRate;
  return {
    hitRate,
    gain: row.scores.hitRateGain,
    random: row.hitRateRandom,
    shuffled: row.hitRateShuffled,
    meanMap: row.hitRateMean,
    ...points,
    beatenBy: hitRate === null ? [] : rivals.filter((rival) => (points[rival] ?? -1) >= hitRate.mean),
  };
}

/** The mean of what test sets tell; null where none does. */
function meanOf(scores: readonly (ComparedScore | null)[], level: number): SuiteMean | null {
  const told = scores.filter((score) => score !== null);
  if (told.length === 0) return null;
  const error = combined(told.map(({ standardError = null }) => standardError));
  const value = mean(told.map((score) => score.mean));
  const interval = error === null ? null : testDifference(value, error, Infinity, level);
  return {
    tests: told.length,
    mean: value,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    standardError: error,
  };
}

/** The standard error of a mean of independent numbers from theirs; null where one is not known. */
function combined(errors: readonly (number | null)[]): number | null {
  const known = errors.filter((error) => error !== null && Number.isFinite(error));
  if (known.length < errors.length) return null;
  return Math.sqrt(known.reduce<number>((sum, error) => sum + (error as number) ** 2, 0)) / errors.length;
}

interface TestedSet {
  readonly comparison: Comparison;
  readonly test: SuiteTest;
}

/** Of every setting but the first, its mean differences to that, with p-values adjusted for their number. */
function sharedDifferences(
  tests: readonly TestedSet[],
  [first = '', ...others]: readonly string[],
  reading: Reading,
  level: number,
): Record<'auc' | 'gain', ReadonlyMap<string, SuiteDifference>> {
  const ofMetric = (metric: 'auc' | 'hitRateGain'): ReadonlyMap<string, SuiteDifference> => {
    const found = others.flatMap((setting) => {
      const entries = tests.flatMap(({ comparison, test }) => {
        const all = reading === 'inRegion' ? (comparison.inRegion?.differences ?? []) : comparison.differences;
        return all.filter(
          (entry) =>
            entry.test === test.name && entry.metric === metric && entry.method === setting && entry.baseline === first,
        );
      });
      return entries.length === 0 ? [] : [{ setting, ...combineDifferences(entries, level) }];
    });
    const adjusted = (pick: (one: (typeof found)[number]) => { readonly p: number } | null): (number | undefined)[] => {
      const tested = found.filter((one) => pick(one) !== null);
      const values = holm(tested.map((one) => pick(one)?.p ?? 1));
      return found.map((one) => values[tested.indexOf(one)]);
    };
    const [ofImages, ofTrainings] = [adjusted(({ images }) => images), adjusted(({ trainings }) => trainings)];
    const isReal = (p: number | undefined): boolean => p !== undefined && p < 1 - level;
    return new Map(
      found.map(({ setting, images, trainings, ...rest }, i): [string, SuiteDifference] => [
        setting,
        {
          ...rest,
          images: images === null ? null : { ...images, pAdjusted: ofImages[i] ?? 1 },
          trainings: trainings === null ? null : { ...trainings, pAdjusted: ofTrainings[i] ?? 1 },
          holds: !isReal(ofImages[i]) ? 'nowhere' : isReal(ofTrainings[i]) ? 'images and trainings' : 'images',
        },
      ]),
    );
  };
  return { auc: ofMetric('auc'), gain: ofMetric('hitRateGain') };
}

type Unadjusted<T> = Omit<T, 'pAdjusted'>;

/**
 * The mean of differences on sets whose images and models are independent: variances add up, over the number of sets squared. Degrees of
 * freedom over trainings are those of Welch and Satterthwaite (Satterthwaite, Biometrics Bulletin 1946).
 */
function combineDifferences(
  entries: readonly ComparedDifference[],
  level: number,
): Omit<SuiteDifference, 'holds' | 'images' | 'trainings'> & {
  images: Unadjusted<NonNullable<SuiteDifference['images']>> | null;
  trainings: Unadjusted<NonNullable<SuiteDifference['trainings']>> | null;
} {
  const difference = mean(entries.map((entry) => entry.difference));
  const imageError = combined(entries.map(({ delong, bootstrap }) => (delong ?? bootstrap)?.standardError ?? null));
  const trainingError = combined(entries.map(({ training }) => training?.standardError ?? null));
  const images = imageError === null ? null : testDifference(difference, imageError, Infinity, level);
  const trainings =
    trainingError === null ? null : testDifference(difference, trainingError, freedomOf(entries), level);
  return {
    tests: entries.length,
    difference,
    images:
      images === null ? null : { low: images.low, high: images.high, p: images.p, standardError: images.standardError },
    trainings:
      trainings === null
        ? null
        : {
            low: trainings.low,
            high: trainings.high,
            p: trainings.p,
            standardError: trainings.standardError,
            freedom: Number.isFinite(trainings.freedom) ? trainings.freedom : null,
          },
  };
}

function freedomOf(entries: readonly ComparedDifference[]): number {
  const variances = entries.map(({ training }) => (training?.standardError ?? 0) ** 2);
  const sum = variances.reduce((total, variance) => total + variance, 0);
  const parts = entries.map(({ training }, i) => (variances[i] as number) ** 2 / (training?.freedom ?? Infinity));
  const below = parts.reduce((total, part) => total + part, 0);
  return below === 0 ? Infinity : sum ** 2 / below;
}
