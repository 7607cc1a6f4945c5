import { type DataIssue, type ResolvedDevice, WeakspotError } from '@weakspot/core';
import type { PageTable, PageTest, ReportPage } from '../report/page/content.js';
import { renderReport } from '../report/page/page.js';
import type { EvaluationRecord } from '../report/record.js';
import { modelImages, readEarlierImages } from '../evaluate/index.js';
import { readRecords } from '../train/index.js';
import { VERSION } from '../version.js';
import { rankingCharts } from './charts.js';
import { comparedTables } from './compared.js';
import { type PictureEvent, answeredImages, errorFigures, exampleFigures } from './examples.js';
import { filtersSection, readFilters } from './filters.js';
import { fingerprintOf, partsTable, testedTable } from './fingerprint.js';
import { type MeasureOptions, type MeasuredRun, measureRun, testedImages } from './measure.js';
import { scaleImage } from './pictures.js';
import { evidenceTable } from './evidence.js';
import { allMetricsTable, recordsOf, resultTables } from './results.js';
import { settingsTables } from './settings.js';
import { type ReportSources, readSources } from './sources.js';
import { type ReportData, type ReportTest, type TestData, openTests } from './tests.js';
import { trainingPanels } from './training.js';
import { type ReportWarning, outdatedWarnings, warningsOf } from './warnings.js';
import { leadOf, listOf, termsOf, testText } from './words.js';

export interface ReportOptions extends MeasureOptions {
  /** What the runs are tested on, instead of their own test parts or a comparison's test sets. */
  readonly tests?: readonly TestData[];
  /** Images to show of each test set; 12 unless given. */
  readonly images?: number;
  /** Seed of their choice; 0 unless given. */
  readonly seed?: number;
  /** The report's heading; made from the runs unless given. */
  readonly title?: string;
  /** When it was made, as it is to be shown; left out unless given. */
  readonly date?: string;
}

/** `done` counts images evaluated by all runs on all test sets, of `total`. */
export type ReportEvent =
  /** What a run is evaluated on; one of each. */
  | { readonly type: 'device'; readonly device: ResolvedDevice }
  | { readonly type: 'image'; readonly done: number; readonly total: number }
  /** An image that is left out, or what is odd about the data. */
  | { readonly type: 'issue'; readonly issue: DataIssue }
  | {
      readonly type: 'done';
      /** The whole report. */
      readonly html: string;
      /** Each run on each test set: the numbers of the report's tables. */
      readonly records: readonly EvaluationRecord[];
      /** What to know before the numbers are believed. */
      readonly warnings: readonly ReportWarning[];
    };

/** Errors of each kind that are shown of a method. */
const WORST = 4;

/**
 * A report on runs, side by side as methods, or on the runs of a comparison: every run is evaluated, and what is worth
 * looking at becomes one HTML file that needs no other. Runs whose settings differ in seed or fold only are one method's.
 * Nothing is written.
 *
 * @param paths Run folders, or the folder of a comparison.
 * @throws WeakspotError as `openModel` and `evaluateModel` do; `usage` where the paths do not go together.
 */
export async function* reportRuns(paths: readonly string[], options: ReportOptions): AsyncGenerator<ReportEvent> {
  const { images = 12, seed = 0, signal } = options;
  if (!Number.isSafeInteger(images) || images < 0)
    throw new WeakspotError('usage', `reportRuns: ${images} images.`, { hint: 'Give a whole number, 0 or more.' });
  const sources = await readSources(paths);
  if (sources.comparison !== undefined && options.map !== undefined) {
    throw new WeakspotError('usage', `A comparison cannot be reported by the map "${options.map}".`, {
      hint: "Its intervals and differences are of the maps that its runs read. Leave --map out, or give the runs' folders.",
    });
  }
  const measuring = withComparison(options, sources);
  const data = await openTests(sources, options.tests ?? [], { cache: options.cache, signal });
  for (const issue of data.issues) yield { type: 'issue', issue };

  const measured = yield* measureAll(sources, data, measuring);
  const warnings: ReportWarning[] = outdatedWarnings(sources, data);
  const tests: PageTest[] = [];
  const dataTables: PageTable[] = trainedTables(sources, data);
  for (const [i, test] of data.tests.entries()) {
    const runs = measured[i] as readonly MeasuredRun[];
    warnings.push(...warningsOf(runs, sources.methods, test.name));
    tests.push(yield* withoutPictures(testSection(test, runs, sources, { images, seed, signal })));
    dataTables.push(await dataTable(test, runs, sources, signal));
  }
  const page: ReportPage = {
    title: options.title ?? titleOf(sources, data),
    lead: leadOf(sources, data.tests),
    warnings: warnings.map(({ test, text }) => `${test}: ${text}`),
    methods: sources.methods,
    tests,
    tables: [],
    ...(await trainingSection(sources)),
    filters: await filters(sources, measuring),
    ...settingsTables(sources),
    data: dataTables,
    terms: termsOf(
      positiveOf(sources),
      toleranceOf(measured.flat(), measuring),
      measured.flat().map(({ info }) => info.map),
    ),
    made: madeOf(measuring),
  };
  const records = data.tests.flatMap(({ name }, i) => recordsOf(measured[i] as MeasuredRun[], sources.methods, name));
  yield { type: 'done', html: renderReport(page), records, warnings };
}

/** What a comparison settled holds unless it is given. */
function withComparison(options: ReportOptions, { comparison }: ReportSources): ReportOptions {
  if (comparison === undefined) return options;
  const tolerance = comparison.testing?.tolerance ?? undefined;
  return { checkpoint: comparison.file.checkpoint, ...(tolerance === undefined ? {} : { tolerance }), ...options };
}

/** Every run on every test set; in the order of the sets, then of the runs. */
async function* measureAll(
  { runs }: ReportSources,
  { tests, datasets, splits }: ReportData,
  options: ReportOptions,
): AsyncGenerator<ReportEvent, MeasuredRun[][]> {
  const total = tests.reduce((sum, { samples }) => sum + samples.reduce((some, set) => some + set.length, 0), 0);
  const measured: MeasuredRun[][] = [];
  let before = 0;
  for (const test of tests) {
    const results: MeasuredRun[] = [];
    for (const [i, run] of runs.entries()) {
      const samples = test.samples[i] ?? [];
      const dataset = datasets[i];
      const made =
        dataset === undefined
          ? undefined
          : [...modelImages(dataset.samples, splits[i] ?? new Map()), ...(await readEarlierImages(run.folder.path))];
      const measuring = measureRun(run, samples, { ...options, made });
      for (;;) {
        const next = await measuring.next();
        if (next.done === true) {
          results.push(next.value);
          break;
        }
        const { value } = next;
        if (value.type === 'device') {
          yield value;
          continue;
        }
        if (value.type === 'issue') yield { type: 'issue', issue: value.issue };
        yield { type: 'image', done: before + value.done, total };
      }
      before += samples.length;
    }
    measured.push(results);
  }
  return measured;
}

async function* testSection(
  test: ReportTest,
  runs: readonly MeasuredRun[],
  { methods, runs: sources, comparison }: ReportSources,
  { images, seed, signal }: { images: number; seed: number; signal: AbortSignal | undefined },
): AsyncGenerator<PictureEvent, PageTest> {
  const { classes = [], positive: index = 0 } = sources[0]?.run ?? {};
  const positive = classes[index] ?? '';
  const negative = classes.filter((_, i) => i !== index).join(' or ');
  const options = { methods, classes, positive, negative, count: images, seed, signal };
  const examples = images === 0 ? [] : yield* exampleFigures(answeredImages(runs, methods.length), options);
  const errors = images === 0 ? [] : yield* errorFigures(runs, WORST, options);
  const evidence = evidenceTable(runs, methods, test.name);
  return {
    name: test.name,
    text: testText(runs, methods),
    results: [
      ...resultTables(runs, methods, test.name),
      ...(evidence === undefined ? [] : [evidence]),
      ...(comparison === undefined ? [] : comparedTables(comparison.file, test.name)),
      allMetricsTable(runs, methods, test.name),
    ],
    charts: rankingCharts(runs, methods),
    examples,
    errors,
    positive,
    scale: await scaleImage(positive),
  };
}

/** Passes on what could not be drawn. */
async function* withoutPictures<T>(drawing: AsyncGenerator<PictureEvent, T>): AsyncGenerator<ReportEvent, T> {
  for (;;) {
    const next = await drawing.next();
    if (next.done === true) return next.value;
    if (next.value.type === 'issue') yield next.value;
  }
}

async function trainingSection({
  methods,
  runs,
}: ReportSources): Promise<Pick<ReportPage, 'training' | 'trainingText'>> {
  const trained = await Promise.all(runs.map(async (run) => ({ run, records: await readRecords(run.folder.metrics) })));
  const panels = trainingPanels(
    methods.map((name, method) => ({
      name,
      runs: trained.filter(({ run }) => run.method === method).map(({ run, records }) => ({ name: run.name, records })),
    })),
    runs[0]?.run.classes.length ?? 2,
  );
  const several =
    runs.length > methods.length ? ' The first run of a method is a thick line, the others are thin.' : '';
  const text = `Mean losses of each epoch, measured while training, and below them alpha, the localizer’s share of the loss.${several}`;
  return { training: panels, trainingText: text };
}

async function filters(
  { methods, runs }: ReportSources,
  { checkpoint = 'last' }: ReportOptions,
): Promise<ReportPage['filters']> {
  const banks: Parameters<typeof filtersSection>[0][number][] = [];
  for (const [method, name] of methods.entries()) {
    const run = runs.find((one) => one.method === method);
    const bank = run === undefined ? undefined : await readFilters(run, checkpoint);
    if (run !== undefined && bank !== undefined) banks.push({ method: name, run: run.name, bank });
  }
  return filtersSection(banks);
}

/** What each data set was divided into, once for runs that share the parts. */
function trainedTables({ runs }: ReportSources, { splits, datasets }: ReportData): PageTable[] {
  const tables = new Map<string, PageTable>();
  for (const [i, { run }] of runs.entries()) {
    const labels = new Map((datasets[i]?.samples ?? []).map(({ name, label }) => [name, label]));
    const table = partsTable(run.dataset, splits[i] ?? new Map(), run.classes, labels);
    tables.set(JSON.stringify(table), table);
  }
  return [...tables.values()];
}

async function dataTable(
  test: ReportTest,
  runs: readonly MeasuredRun[],
  { runs: sources }: ReportSources,
  signal: AbortSignal | undefined,
): Promise<PageTable> {
  const tested = testedImages(runs);
  const classes = sources[0]?.run.classes ?? [];
  const fingerprint = await fingerprintOf(
    tested.map(({ sample }) => sample),
    classes,
    signal,
  );
  return testedTable(test.name, tested, classes, fingerprint);
}

function titleOf({ methods, comparison }: ReportSources, { tests }: ReportData): string {
  const where = listOf(tests.map(({ name }) => name));
  return comparison === undefined && methods.length === 1
    ? `${methods[0]} on ${where}`
    : `${listOf(methods)} on ${where}`;
}

function positiveOf({ runs }: ReportSources): string {
  const { classes = [], positive = 0 } = runs[0]?.run ?? {};
  return classes[positive] ?? '';
}

/** The tolerance in words; runs of different networks have different ones. */
function toleranceOf(measured: readonly MeasuredRun[], { tolerance }: ReportOptions): string {
  if (tolerance !== undefined) return `${tolerance.x} x ${tolerance.y} pixels of the network's input`;
  const reaches = [...new Set(measured.map(({ info }) => String(info.stride / 2)))];
  return `half the network's stride, ${reaches.join(' or ')} pixels of its input`;
}

function madeOf({ date, checkpoint = 'last', seed = 0 }: ReportOptions): string {
  const when = date === undefined ? '' : ` on ${date}`;
  return `Made by Weakspot ${VERSION}${when} from the ${checkpoint} checkpoints; examples drawn with seed ${seed}. For research: not a medical device, and not for diagnosis.`;
}
