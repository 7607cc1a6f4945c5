import type { PageTable } from '../report/page/content.js';
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
