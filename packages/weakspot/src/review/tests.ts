import { type DataIssue, WeakspotError } from '@weakspot/core';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import { readDataset } from '../data/read-dataset.js';
import { readSplit } from '../run/folder.js';
import { openDataset } from '../run/open-dataset.js';
import { type PartOptions, partElsewhere } from '../run/part-elsewhere.js';
import type { ReportedRun, ReportSources } from './sources.js';

/** Data that every run is tested on, instead of its own test part. */
export interface TestData {
  readonly path: string;
  /** Its folder's name unless given. */
  readonly name?: string;
  readonly format?: string;
  readonly images?: string;
  readonly boxes?: string;
  /** A part of the data's own split; all of them unless given. */
  readonly part?: Split | 'all';
}

/** What one test set is for each run. */
export interface ReportTest {
  readonly name: string;
  /** In the order of the runs. */
  readonly samples: readonly (readonly Sample[])[];
}

export interface ReportData {
  readonly tests: readonly ReportTest[];
  /** In the order of the runs: which image went to which part. */
  readonly splits: readonly ReadonlyMap<string, Split>[];
  /** In the order of the runs: the data set trained on; undefined where it cannot be read any more. */
  readonly datasets: readonly (Dataset | undefined)[];
  readonly issues: readonly DataIssue[];
}

/**
 * Reads what the runs were trained on and are to be tested on; no image is decoded.
 * @throws WeakspotError `data` where a test set cannot be read or is empty; `model` where a run's split is damaged.
 */
export async function openTests(
  sources: ReportSources,
  given: readonly TestData[],
  { cache, signal }: PartOptions,
): Promise<ReportData> {
  const { runs, comparison } = sources;
  const outer = given.length > 0 ? given : storedTests(comparison);
  const wantsOwn =
    given.length === 0 &&
    (comparison === undefined || comparison.file.tests.some(({ path }) => (path ?? null) === null));
  const issues: DataIssue[] = [];
  const splits: ReadonlyMap<string, Split>[] = [];
  const datasets: (Dataset | undefined)[] = [];
  const opened = new Map<string, Promise<Dataset>>();
  for (const run of runs) {
    splits.push(await readSplit(run.folder));
    const key = JSON.stringify([run.config.data, run.run.classes]);
    const dataset = opened.get(key) ?? openDataset(run.config, run.run);
    opened.set(key, dataset);
    // Only where it is tested on must it be there.
    datasets.push(await (wantsOwn ? dataset : dataset.catch(() => undefined)));
  }
  for (const dataset of new Set(datasets)) issues.push(...(dataset?.issues ?? []));
  const ownName = comparison?.file.tests.find(({ path }) => (path ?? null) === null)?.name;
  const tests: ReportTest[] = wantsOwn ? [ownTest(ownName, runs, splits, datasets)] : [];
  for (const test of outer) {
    const { name, samples, found } = await outerTest(test, runs, { cache, signal });
    tests.push({ name: freshName(name, tests), samples });
    issues.push(...found);
  }
  return { tests, splits, datasets, issues };
}

/** The test sets of a comparison but its data's own, read as it read them. */
function storedTests(comparison: ReportSources['comparison']): TestData[] {
  const named = (comparison?.file.tests ?? []).flatMap(({ name, path }) =>
    path === null || path === undefined ? [] : [{ name, path }],
  );
  const settings = comparison?.testing?.tests ?? [];
  return named.map(({ name, path }, i) => {
    // Named in their order; a set that stands there twice has other settings each time.
    const { format, images, boxes, part } = settings[i]?.path === path ? settings[i] : {};
    return {
      name,
      path,
      ...(format === undefined ? {} : { format }),
      ...(images === undefined ? {} : { images }),
      ...(boxes === undefined ? {} : { boxes }),
      ...(part === undefined ? {} : { part }),
    };
  });
}

function ownTest(
  title: string | undefined,
  runs: readonly ReportedRun[],
  splits: readonly ReadonlyMap<string, Split>[],
  datasets: readonly (Dataset | undefined)[],
): ReportTest {
  const samples = runs.map((run, i) => {
    const own = (datasets[i]?.samples ?? []).filter(({ name }) => splits[i]?.get(name) === 'test');
    if (own.length > 0) return own;
    throw new WeakspotError('data', `The test part of ${run.run.dataset} is empty in ${run.folder.path}.`, {
      hint: 'Name other labelled images with --data.',
    });
  });
  const names = [...new Set(runs.map(({ run }) => run.dataset))];
  return { name: title ?? names.join(', '), samples };
}

async function outerTest(
  { path, name, format, images, boxes, part = 'all' }: TestData,
  runs: readonly ReportedRun[],
  { cache, signal }: PartOptions,
): Promise<{ name: string; samples: readonly (readonly Sample[])[]; found: readonly DataIssue[] }> {
  const [first] = runs;
  const { classes = [], positive = 0 } = first?.run ?? {};
  const dataset = await readDataset(path, {
    classes,
    positive: classes[positive] ?? '',
    ...(format === undefined ? {} : { format }),
    ...(images === undefined ? {} : { images }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(signal === undefined ? {} : { signal }),
  });
  const own = dataset.samples.filter(({ split }) => part === 'all' || split === part);
  const samples: (readonly Sample[])[] = [];
  const issues: DataIssue[] = [...dataset.issues];
  for (const { folder } of runs) {
    // A run's own images, which were moved.
    const moved = part === 'all' ? undefined : await partElsewhere(folder, part, dataset, { cache, signal });
    issues.push(...(moved?.issues ?? []));
    samples.push(moved?.samples ?? own);
  }
  if (samples.some((some) => some.length === 0)) {
    throw new WeakspotError('data', `${path} has no images whose split is "${part}".`, {
      hint: "If the data hold the runs' images at another place, their parts are those of the runs. Otherwise they come from the data's own split. Leave out the part to take all images.",
    });
  }
  return { name: name ?? dataset.name, samples, found: issues };
}

function freshName(name: string, tests: readonly ReportTest[]): string {
  let fresh = name;
  for (let n = 2; tests.some((test) => test.name === fresh); n++) fresh = `${name} (${n})`;
  return fresh;
}
