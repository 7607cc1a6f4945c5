import { formatScore } from '@weakspot/core';
import type { ComparedScore } from '../compare/comparison.js';
import { describeInterval, signedScore } from '../compare/tables.js';
import { renderMarkdownTable, renderTable } from '../report/table.js';
import { TEXT_WIDTH } from '../report/wrap.js';
import type { Pointing, Suite, SuiteDifference, SuiteRow, SuiteTest } from './result.js';

export interface SuiteTableOptions {
  /** `text` unless given. */
  readonly format?: 'text' | 'markdown';
}

/** How hits are read: in the regions themselves, or with the suite's tolerance. */
export type Reading = 'inRegion' | 'atTolerance';

const BEATEN = '†';

/** The columns of hits, for their legend too. */
const pointingColumns: readonly {
  readonly name: string;
  readonly meaning: string;
  readonly cell: (pointing: Pointing) => string;
}[] = [
  {
    name: 'Hit',
    meaning: 'share of positive images with ground truth whose response lies on it',
    cell: ({ hitRate, beatenBy }) => `${formatScore(hitRate?.mean)}${beatenBy.length > 0 ? BEATEN : ''}`,
  },
  { name: 'Gain', meaning: 'hit rate minus Shuffled', cell: ({ gain }) => describeGain(gain) },
  { name: 'Random', meaning: 'random points', cell: ({ random }) => formatScore(random) },
  { name: 'Shuffled', meaning: "other images' responses", cell: ({ shuffled }) => formatScore(shuffled) },
  { name: 'Mean map', meaning: "the model's mean map", cell: ({ meanMap }) => formatScore(meanMap) },
  { name: 'Fixed', meaning: 'the best single point for all images', cell: ({ fixed }) => formatScore(fixed) },
  {
    name: 'Bright',
    meaning: 'the brightest point of the blurred image',
    cell: ({ brightest }) => formatScore(brightest),
  },
  { name: 'Dark', meaning: 'its darkest point', cell: ({ darkest }) => formatScore(darkest) },
];

const boxColumns: readonly { readonly name: string; readonly cell: (row: SuiteRow) => string }[] = [
  { name: 'Box AP', cell: ({ boxes }) => formatScore(boxes.boxAp30) },
  { name: 'IoBB .1', cell: ({ boxes }) => formatScore(boxes.iobbAccuracy10) },
  { name: 'IoBB .25', cell: ({ boxes }) => formatScore(boxes.iobbAccuracy25) },
  { name: 'IoBB .5', cell: ({ boxes }) => formatScore(boxes.iobbAccuracy50) },
];

/** Of one test set, a row per setting: hits and what they are to be compared with; in the regions, also AUC and what boxes find. */
export function suiteTestTable({ rows }: SuiteTest, reading: Reading, options: SuiteTableOptions = {}): string {
  const isWhole = reading === 'inRegion';
  const header = [
    'Setting',
    ...(isWhole ? ['AUC'] : []),
    ...pointingColumns.map(({ name }) => name),
    ...(isWhole ? boxColumns.map(({ name }) => name) : []),
  ];
  const body = rows.map((row) => [
    labelOf(row),
    ...(isWhole ? [formatScore(row.auc?.mean)] : []),
    ...pointingColumns.map(({ cell }) => cell(row[reading])),
    ...(isWhole ? boxColumns.map(({ cell }) => cell(row)) : []),
  ]);
  return renderer(options)(header, body, { maxWidth: TEXT_WIDTH, breakBefore: ['Box AP'] });
}

/** What the columns of `suiteTestTable` mean. */
export function suiteTestLegend({ level, resamples }: Pick<Suite, 'level' | 'resamples'>): string {
  const [hit, gain, ...others] = pointingColumns.map(({ name, meaning }) => `${name}: ${meaning}`);
  return (
    `Means over the runs. ${hit}; ${gain}, with the ${percentOf(level)} interval from ${resamples} bootstrap resamples of patients. ` +
    `Hit rates to compare it with: ${others.join('; ')}. ${BEATEN}: the fixed, the brightest or the darkest point hits at least as often, ` +
    'which no model needs to be trained for. Box AP: average precision of boxes at an IoU of .3; IoBB .1, .25, .5: share of positive images ' +
    "with ground truth of which more than that share of one drawn box's area is a lesion's (NIH)."
  );
}

/** A row per setting: means over all test sets, and differences to the first. */
export function overallTable(suite: Suite, reading: Reading, options: SuiteTableOptions = {}): string {
  const [first = ''] = suite.settings;
  const isCompared = suite.settings.length > 1;
  const header = [
    'Setting',
    'AUC',
    'Hit',
    'Gain',
    'Worst run',
    `${BEATEN} on`,
    ...(isCompared ? [`Gain - ${first}`, `AUC - ${first}`] : []),
  ];
  const rows = suite.overall[reading].map((row) => [
    row.setting,
    formatScore(row.auc?.mean),
    formatScore(row.hitRate?.mean),
    row.gain === null
      ? '-'
      : `${signedScore(row.gain.mean)}${describeInterval(row.gain.low, row.gain.high, signedScore)}`,
    row.worst === null ? '-' : `${signedScore(row.worst.gain)} (${row.worst.title})`,
    `${row.beaten.length} of ${row.gain?.tests ?? 0}`,
    ...(isCompared ? [describeDifference(row.differences?.gain), describeDifference(row.differences?.auc)] : []),
  ]);
  return renderer(options)(header, rows, { maxWidth: TEXT_WIDTH });
}

/** A row per setting, a column per test set: the gain, and below it that of the worst run. */
export function gainTable(
  { tests, settings, overall }: Suite,
  reading: Reading,
  options: SuiteTableOptions = {},
): string {
  const header = ['Gain', ...tests.map(({ title }) => title), 'Mean'];
  const rows = settings.flatMap((setting) => {
    const of = tests.map(({ rows: all }) => all.find((row) => row.setting === setting)?.[reading]);
    const mean = overall[reading].find((row) => row.setting === setting)?.gain?.mean;
    const several = of.some((pointing) => (pointing?.gain?.values.length ?? 0) > 1);
    const gains = of.map((pointing) =>
      pointing?.gain == null ? '-' : `${signedScore(pointing.gain.mean)}${pointing.beatenBy.length > 0 ? BEATEN : ''}`,
    );
    const worst = of.map((pointing) => (pointing?.gain == null ? '-' : signedScore(Math.min(...pointing.gain.values))));
    return [
      [setting, ...gains, mean === undefined ? '-' : signedScore(mean)],
      ...(several ? [[`${setting}, worst run`, ...worst, '']] : []),
    ];
  });
  return renderer(options)(header, rows, { maxWidth: TEXT_WIDTH });
}

/** What the columns of `overallTable` and `gainTable` mean. */
export function overallLegend({ level, settings, tests }: Suite): string {
  const percent = percentOf(level);
  const several = tests.some(({ rows }) =>
    rows.some(({ auc, inRegion }) => ((auc ?? inRegion.gain)?.values.length ?? 0) > 1),
  );
  const differences =
    settings.length < 2
      ? ''
      : ` Differences are paired, to the first setting: * more than chance for other test images, with these models` +
        `${several ? '; ** for other trainings too' : ''}; adjusted for the number of settings (Holm).`;
  return (
    `Means over the test sets, each counting alike; in brackets ${percent} intervals, the sets' errors being independent. Worst run: the lowest ` +
    `gain of a single one. ${BEATEN}: test sets on which the fixed, the brightest or the darkest point hits at least as often.${differences}`
  );
}

/** How hits are read, as a heading. */
export function readingTitle(reading: Reading, { tolerance }: Pick<Suite, 'tolerance'>): string {
  if (reading === 'inRegion') return 'In the region itself (tolerance 0)';
  return tolerance === null
    ? "With the paper's tolerance, half the network's stride"
    : `With a tolerance of ${tolerance.x} x ${tolerance.y} pixels of the network's input`;
}

/** `lgg: 327 images of 14 patients, 175 positive, 175 of them located` */
export function describeSuiteTest({ title, images, patients, positives, located }: SuiteTest): string {
  const of = patients === null ? '' : ` of ${patients} patients`;
  return `${title}: ${images} images${of}, ${positives} positive, ${located} of them located`;
}

/** Lines about sets that are not in the tables. */
export function describeMissing({ sets }: Suite): string[] {
  return sets.flatMap(({ name, state, error }) => {
    if (state === 'done') return [];
    return state === 'waiting' ? [`${name}: not finished`] : [`${name}: failed: ${error?.message ?? ''}`];
  });
}

/** All tables as a Markdown document: `suite.md`. */
export function suiteMarkdown(suite: Suite): string {
  const format = { format: 'markdown' } as const;
  const missing = describeMissing(suite).map((line) => `- **${line.replaceAll('\n', ' ')}**`);
  const readings = ['inRegion', 'atTolerance'] as const;
  const overall = readings.flatMap((reading) => [
    `### ${readingTitle(reading, suite)}`,
    overallTable(suite, reading, format),
    gainTable(suite, reading, format),
  ]);
  const tests = suite.tests.flatMap((test) => [
    `## ${test.title}`,
    describeSuiteTest(test),
    ...(test.warnings.length === 0 ? [] : [test.warnings.map(({ text }) => `- **Warning:** ${text}`).join('\n')]),
    ...readings.flatMap((reading) => [`### ${readingTitle(reading, suite)}`, suiteTestTable(test, reading, format)]),
    `Every number: [${test.set}/comparison.json](${test.set}/comparison.json).`,
  ]);
  const parts = [
    '# Suite of comparisons',
    ...(missing.length === 0 ? [] : [`Not in these tables:\n\n${missing.join('\n')}`]),
    ...(suite.tests.length === 0
      ? []
      : ['## All test sets', ...overall, overallLegend(suite), ...tests, suiteTestLegend(suite)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The setting, with the map that was read where it is not the paper's. */
function labelOf({ setting, map }: SuiteRow): string {
  return map === 'positive' ? setting : `${setting}, ${map} map`;
}

function describeGain(gain: ComparedScore | null): string {
  return gain === null ? '-' : `${signedScore(gain.mean)}${describeInterval(gain.low, gain.high, signedScore)}`;
}

function describeDifference(entry: SuiteDifference | null | undefined): string {
  if (entry === null || entry === undefined) return '-';
  const mark = { nowhere: '', images: ' *', 'images and trainings': ' **' }[entry.holds];
  return `${signedScore(entry.difference)}${describeInterval(entry.images?.low ?? null, entry.images?.high ?? null, signedScore)}${mark}`;
}

function percentOf(level: number): string {
  return `${Number((100 * level).toPrecision(4))} %`;
}

function renderer({ format }: SuiteTableOptions): typeof renderTable {
  return format === 'markdown' ? renderMarkdownTable : renderTable;
}
