import type { PageTable } from '../report/page/content.js';
import { formatScore } from '../report/table.js';
import type { MeasuredRun } from './measure.js';
import { meanAndSpread } from './results.js';

const maps = [
  ['positive', 'Positive map'],
  ['difference', 'Difference'],
  ['negative', 'Others negated'],
] as const;

/**
 * In which class's map the evidence lies, by method: the hit rate of each map, and the share that comes through the other
 * classes' maps. Undefined where no run tells, as those of a single logit.
 */
export function evidenceTable(
  runs: readonly MeasuredRun[],
  methods: readonly string[],
  test: string,
): PageTable | undefined {
  const rows = methods.flatMap((name, method) => {
    const told = runs.filter(({ run, evidence }) => run.method === method && evidence !== undefined);
    if (told.length === 0) return [];
    const hitRates = maps.map(([map]) => meanAndSpread(told.map(({ evidence }) => evidence?.hitRates?.[map] ?? null)));
    return [[name, ...hitRates, meanAndSpread(told.map(({ evidence }) => evidence?.negativeShare ?? null))]];
  });
  if (rows.length === 0) return undefined;
  return {
    caption: `In which map the evidence lies on ${test}: hit rate of each map, and the share that comes through the other classes' maps`,
    columns: [
      { name: 'Method' },
      ...maps.map(([, name]) => ({ name, numeric: true })),
      { name: 'Share', numeric: true },
    ],
    rows,
    folded: true,
  };
}

/** Says so of the runs whose map that was read is not the one in which the evidence lies; undefined where there are none. */
export function evidenceWarning(
  runs: readonly MeasuredRun[],
  nameOf: (run: MeasuredRun) => string,
  test: string,
): string | undefined {
  const misplaced = runs.filter(({ info, evidence }) => info.map === 'positive' && evidence?.misplaced === true);
  if (misplaced.length === 0) return undefined;
  const named = misplaced.map((run) => {
    const rates = run.evidence?.hitRates;
    const hits =
      rates === undefined
        ? ''
        : ` (hit rate of the positive map ${formatScore(rates.positive)}, of the difference ${formatScore(rates.difference)})`;
    return `${nameOf(run)}${hits}`;
  });
  return (
    `On ${test} the evidence lies in the other classes' maps, not in the positive class's, which is the one that is read, of: ` +
    `${named.join('; ')}. Train with localizer.evidence: single, or read the difference of the maps.`
  );
}
