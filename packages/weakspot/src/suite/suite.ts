import { type DataIssue, WeakspotError, messageOf } from '@weakspot/core';
import { type CompareOptions, checkComparison, compare } from '../compare/compare.js';
import type { CompareRequest } from '../compare/request.js';
import type { ComparisonSettings } from '../compare/settings.js';
import { throwIfAborted } from '../data/concurrency.js';
import { type Lock, acquireLock, lockOf, refuseHeld } from '../data/lock.js';
import { writeFileWhole } from '../run/write.js';
import { VERSION } from '../version.js';
import type { SuiteEvent } from './events.js';
import { type SuiteFolder, finishedSets, holdsSuite, refuseForeign, suiteFolder } from './folder.js';
import { holdsPhantoms, makePhantoms } from './phantoms.js';
import type { Suite, SuiteSetState } from './result.js';
import { type SuiteSet, phantomsFolder } from './settings.js';
import { suiteMarkdown } from './tables.js';
import { type ComparedSet, verdictOf } from './verdict.js';

/** A suite to begin, or to go on with: its folder knows which. */
export interface SuiteRequest extends Pick<
  CompareRequest,
  'out' | 'cache' | 'cacheLimit' | 'force' | 'acceptChanges' | 'tensorboard'
> {
  /** As `resolveSuite` gives them. */
  readonly sets: readonly SuiteSet[];
  /** Completes the settings of a set's comparison in its folder, once its data are there; as they are unless given. */
  readonly settle?: (set: SuiteSet, folder: string) => Promise<ComparisonSettings>;
}

/**
 * Compares settings on several data sets: `compare` on one after another, each in a folder of its own, and what all of them say together.
 *
 * Before anything is trained every set is looked at, and what is wrong with any is told at once. A set that fails later does not keep the
 * others from being finished; the result says so. What is finished is kept, as in `compare`: the same request goes on.
 *
 * @throws WeakspotError `exists` if the folder holds something else; `busy` if another process works in it; of the first set that cannot
 * begin or go on, its code, with what is wrong with all.
 */
export async function* compareSuite(request: SuiteRequest, options: CompareOptions = {}): AsyncGenerator<SuiteEvent> {
  const { signal } = options;
  const folder = suiteFolder(request.out);
  let lock: Lock | undefined;
  try {
    throwIfAborted(signal);
    await refuseHeld(lockOf(folder.path));
    // A folder that is refused anyway is left untouched.
    await refuseForeign(folder);
    lock = await acquireLock(lockOf(folder.path), 'a suite of comparisons');
    yield* runSuite(request, folder, options);
  } catch (error) {
    if (!isStop(error, signal)) throw error;
    yield { type: 'stopped', folder: folder.path };
  } finally {
    await lock?.release();
  }
}

async function* runSuite(
  request: SuiteRequest,
  folder: SuiteFolder,
  options: CompareOptions,
): AsyncGenerator<SuiteEvent> {
  const { sets } = request;
  const settings = sets[0]?.settings.methods.map(({ name }) => name) ?? [];
  yield { type: 'suite', folder: folder.path, sets: sets.map(({ name }) => name), settings };
  const states = new Map<string, SuiteSetState>(
    sets.map(({ name }) => [name, { name, folder: name, state: 'waiting', error: null }]),
  );
  const compared: ComparedSet[] = [];
  let suite = suiteOf(request, states, compared);
  // It makes the folder a suite's, whatever happens next.
  if (!(await holdsSuite(folder))) await writeSuite(folder, suite);
  const before = await finishedSets(folder);
  yield* makeAllPhantoms(request, options.signal);
  const requests = await checkAll(request, folder, options);
  yield { type: 'checked', runs: requests.reduce((count, { comparison }) => count + runsOf(comparison.settings), 0) };

  for (const [index, { name, comparison }] of requests.entries()) {
    yield { type: 'set', set: name, number: index + 1, total: sets.length };
    try {
      for await (const event of compare(comparison, options)) {
        yield { type: 'compare', set: name, event };
        if (event.type === 'stopped') throw new WeakspotError('aborted', 'Stopped while a set was being compared.');
        if (event.type === 'done') compared.push({ name, comparison: event.comparison });
      }
      states.set(name, { name, folder: name, state: 'done', error: null });
    } catch (error) {
      if (isStop(error, options.signal)) throw error;
      const message = messageOf(error);
      const code = error instanceof WeakspotError ? error.code : null;
      states.set(name, { name, folder: name, state: 'failed', error: { code, message } });
      yield { type: 'failed', set: name, error, message };
    }
    suite = suiteOf(request, states, compared);
    // After every set: who looks in between sees what is known. What was known before stays until it is again.
    if (before.every((other) => states.get(other)?.state !== 'waiting')) await writeSuite(folder, suite);
  }
  yield { type: 'done', folder: folder.path, files: [folder.result, folder.tables], suite };
}

function runsOf({ methods, seeds, folds }: ComparisonSettings): number {
  return methods.length * seeds.length * (folds ?? 1);
}

function isStop(error: unknown, signal: AbortSignal | undefined): boolean {
  return error instanceof WeakspotError && error.code === 'aborted' && signal?.aborted === true;
}

/** Films are made before the sets are looked at, as they are looked at too; those that are there are kept. */
async function* makeAllPhantoms(
  { sets, out, force }: SuiteRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<SuiteEvent> {
  const missing: { name: string; films: NonNullable<SuiteSet['phantoms']> }[] = [];
  for (const { name, phantoms } of sets) {
    if (phantoms === null || (await holdsPhantoms(phantomsFolder(out, name), phantoms, force))) continue;
    missing.push({ name, films: phantoms });
  }
  for (const { name, films } of missing) {
    for await (const done of makePhantoms(phantomsFolder(out, name), films, signal)) {
      yield { type: 'phantoms', set: name, done, total: films.count };
    }
  }
}

/**
 * The requests for all sets, each looked at.
 * @throws WeakspotError saying what is wrong with every set that cannot begin or go on.
 */
async function checkAll(
  { sets, settle, ...request }: SuiteRequest,
  folder: SuiteFolder,
  { signal }: CompareOptions,
): Promise<{ name: string; comparison: CompareRequest }[]> {
  const ready: { name: string; comparison: CompareRequest }[] = [];
  const failures: { name: string; error: WeakspotError }[] = [];
  for (const set of sets) {
    const { name } = set;
    throwIfAborted(signal);
    try {
      const out = folder.set(name);
      const settings = settle === undefined ? set.settings : await settle(set, out);
      const comparison: CompareRequest = { ...request, out, settings };
      await checkComparison(comparison, signal === undefined ? {} : { signal });
      ready.push({ name, comparison });
    } catch (error) {
      if (!(error instanceof WeakspotError) || isStop(error, signal)) throw error;
      failures.push({ name, error });
    }
  }
  const [first] = failures;
  if (first === undefined) return ready;
  const lines = failures.map(({ name, error }) => `\n  ${name}: ${error.message.replaceAll('\n', '\n  ')}`);
  const hints = [...new Set(failures.flatMap(({ error }) => error.hint ?? []))];
  const issues = failures.flatMap(({ error }): readonly DataIssue[] => error.issues ?? []);
  throw new WeakspotError(
    first.error.code,
    `Nothing was trained, as ${failures.length} of ${sets.length} sets cannot be compared:${lines.join('')}`,
    {
      hint: [...hints, 'To go on without a set, take it out of the suite file.'].join('\n      '),
      issues,
      cause: first.error,
    },
  );
}

function suiteOf(
  { sets }: SuiteRequest,
  states: ReadonlyMap<string, SuiteSetState>,
  compared: readonly ComparedSet[],
): Suite {
  const settings = sets[0]?.settings.methods.map(({ name }) => name) ?? [];
  const { checkpoint = 'last', tolerance = null, resamples = 0, level = 0.95 } = sets[0]?.settings ?? {};
  return {
    format: 1,
    weakspot: VERSION,
    settings,
    sets: [...states.values()],
    checkpoint,
    tolerance,
    resamples,
    level,
    ...verdictOf(compared, settings, level),
  };
}

async function writeSuite(folder: SuiteFolder, suite: Suite): Promise<void> {
  await writeFileWhole(folder.result, `${JSON.stringify(suite, undefined, 1)}\n`);
  await writeFileWhole(folder.tables, suiteMarkdown(suite));
}
