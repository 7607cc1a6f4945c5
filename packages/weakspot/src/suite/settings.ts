import { isAbsolute, join, resolve } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { commonKeys, type ComparisonSettings, type PartialComparison, resolveComparison } from '../compare/settings.js';
import type { WritePhantomsOptions } from '../data/phantom/index.js';
import { type PartialConfig, type ResolveOptions, configError, mergeConfigs } from '../run/config.js';
import { type SuiteFile, type SuiteSetFile, suiteSchema } from './schema.js';

/** The films of a set that is made for the suite. */
export type SuitePhantoms = Required<
  Pick<WritePhantomsOptions, 'count' | 'seed' | 'size' | 'positiveFraction' | 'bits'>
>;

/** One data set of a suite, and the comparison that is made on it. */
export interface SuiteSet {
  readonly name: string;
  /** Null: the data are there already. */
  readonly phantoms: SuitePhantoms | null;
  readonly settings: ComparisonSettings;
  /** What `settings` were resolved from, and how: to complete them otherwise, such as with what suits the data. */
  readonly partial: PartialComparison;
  readonly options: ResolveOptions;
}

export interface ResolveSuiteOptions extends ResolveOptions {
  /** What paths of the suite file are relative to: its own folder, or the one of the data. */
  readonly folder: string;
  /** The suite's own folder, where its phantoms are. */
  readonly out: string;
  /** Over what the file says of every run, such as the options of a command line. */
  readonly changes?: PartialConfig;
  /** The same of keys of the suite: `seeds`, `checkpoint`, `tolerance`, `resamples`, `level`. */
  readonly suite?: Readonly<Record<string, unknown>>;
}

/**
 * Completes and checks a suite: of each set the settings of its comparison. Nothing is read but the content of the file.
 * @throws WeakspotError `config` listing what is wrong, with the lines of the file.
 */
export function resolveSuite(content: object, options: ResolveSuiteOptions): SuiteSet[] {
  refusePrototypes(content, options);
  const parsed = suiteSchema.safeParse({ ...content, ...given(options.suite ?? {}) });
  if (!parsed.success) throw configError(suiteSchema, parsed.error, options, 'reference/suite.md');
  const file = parsed.data;
  refuseCommon(file, options);
  const found: SuiteSet[] = [];
  const failures: WeakspotError[] = [];
  for (const [name, set] of Object.entries(file.sets)) {
    try {
      found.push(resolveSet(name, set, file, content, options));
    } catch (error) {
      if (!(error instanceof WeakspotError)) throw error;
      failures.push(error);
    }
  }
  // The same line of a setting or of `config` is wrong for every set.
  const messages = [...new Set(failures.map(({ message }) => message))];
  const [first] = failures;
  if (first === undefined) return found;
  if (messages.length === 1) throw first;
  throw new WeakspotError('config', `${messages.length} problems:\n  ${messages.join('\n  ')}`, {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    cause: first,
  });
}

/** The folder of a set's phantoms. */
export function phantomsFolder(out: string, set: string): string {
  return join(resolve(out), 'data', set);
}

function resolveSet(
  name: string,
  set: SuiteSetFile,
  file: SuiteFile,
  content: object,
  { folder, out, changes = {}, ...options }: ResolveSuiteOptions,
): SuiteSet {
  const { phantoms, tests, path = '', format, images, boxes, positive, strict } = set;
  const from = (place: string): string => (isAbsolute(place) ? place : join(folder, place));
  const placed = (keys: object): Record<string, unknown> => withPaths(keys, ['init'], from);
  const { folds, ...split } = splitOf(file, set);
  const [shared, [common, own], [machine, asked]] = [
    placed(file.config ?? {}),
    divided(placed(set.config ?? {})),
    divided(changes),
  ];
  const partial: PartialComparison = {
    ...mergeConfigs(mergeConfigs(shared, common), machine),
    data: given({
      path: phantoms === undefined ? from(path) : phantomsFolder(out, name),
      format,
      images: images === undefined ? undefined : from(images),
      boxes: boxes === undefined ? undefined : from(boxes),
      positive: positive ?? (phantoms === undefined ? undefined : 'lesion'),
      strict,
      split: Object.keys(split).length === 0 ? undefined : withPaths(split, ['file'], from),
    }),
    compare: given({
      methods: Object.entries(file.settings).map(([setting, keys]) => ({
        name: setting,
        ...mergeConfigs(mergeConfigs(placed(keys ?? {}), own), asked),
      })),
      seeds: set.seeds ?? (folds === undefined ? file.seeds : file.seeds.slice(0, 1)),
      folds,
      tests: tests.map((test) =>
        typeof test === 'string' ? from(test) : withPaths(test, ['path', 'images', 'boxes'], from),
      ),
      checkpoint: file.checkpoint,
      tolerance: file.tolerance,
      resamples: file.resamples,
      level: file.level,
    }),
  };
  const lines = options.lineOf;
  const resolving: ResolveOptions = {
    ...options,
    ...(lines === undefined ? {} : { lineOf: linesOf(name, Object.keys(file.settings), content, lines) }),
  };
  const settings = resolveComparison(partial, resolving);
  return { name, phantoms: phantoms === undefined ? null : filmsOf(phantoms), settings, partial, options: resolving };
}

/** How a set is divided: its own keys over those of the suite, unless they mean another way. */
function splitOf(file: SuiteFile, set: SuiteSetFile): Record<string, unknown> & { readonly folds?: number } {
  const { data } = mergeConfigs({ data: { split: file.split ?? {} } }, { data: { split: set.split ?? {} } });
  return (data as { split: Record<string, unknown> & { folds?: number } }).split;
}

/** The keys that all runs of a set have in common, and the others. */
function divided(keys: object): [common: PartialConfig, others: PartialConfig] {
  const isCommon = ([key]: [string, unknown]): boolean => commonKeys.includes(key);
  const entries = Object.entries(keys);
  return [Object.fromEntries(entries.filter(isCommon)), Object.fromEntries(entries.filter((one) => !isCommon(one)))];
}

function filmsOf({ positives, ...films }: NonNullable<SuiteSetFile['phantoms']>): SuitePhantoms {
  return { ...films, positiveFraction: positives };
}

/** @throws WeakspotError `config` where a configuration has keys that are not its to say. */
function refuseCommon({ sets, settings, config }: SuiteFile, options: ResolveOptions): void {
  const ofSets = 'Say it with the keys of each set, or with "seeds", "split" and "settings" of the suite.';
  const ofAll = 'Put it into "config" of the suite or of a set: it holds for all settings.';
  const places: [path: string[], keys: object, wrong: readonly string[], hint: string][] = [
    [['config'], config ?? {}, ['data', 'seed', 'compare', 'preset'], ofSets],
    ...Object.entries(sets).map(([name, set]): (typeof places)[number] => {
      return [['sets', name, 'config'], set.config ?? {}, ['data', 'seed', 'compare', 'preset'], ofSets];
    }),
    ...Object.entries(settings).map(([name, keys]): (typeof places)[number] => {
      return [['settings', name], keys ?? {}, [...commonKeys, 'name', 'compare'], ofAll];
    }),
  ];
  for (const [path, keys, wrong, hint] of places) {
    const key = wrong.find((one) => one in keys);
    if (key === undefined) continue;
    const line = options.lineOf?.([...path, key]);
    const where = line === undefined ? options.source : `${options.source}:${line}`;
    throw new WeakspotError('config', `${where}: ${[...path, key].join('.')}: "${key}" cannot be given here`, { hint });
  }
}

/**
 * A key `__proto__` is dropped by what checks the others.
 * @throws WeakspotError `config` naming it.
 */
function refusePrototypes(content: unknown, options: ResolveOptions, path: readonly string[] = []): void {
  if (typeof content !== 'object' || content === null) return;
  for (const [key, value] of Object.entries(content)) {
    const inside = [...path, key];
    if (key === '__proto__') {
      const line = options.lineOf?.(inside);
      const where = line === undefined ? options.source : `${options.source}:${line}`;
      throw new WeakspotError('config', `${where}: unknown key "${inside.join('.')}"`, { hint: 'Leave it out.' });
    }
    refusePrototypes(value, options, inside);
  }
}

/** Where in the suite file a key of a set's comparison comes from. */
function linesOf(
  set: string,
  settings: readonly string[],
  content: object,
  lineOf: NonNullable<ResolveOptions['lineOf']>,
): NonNullable<ResolveOptions['lineOf']> {
  type Path = readonly PropertyKey[];
  const ofSet = (path: Path): Path => ['sets', set, ...path];
  const placesOf = (path: Path): Path[] => {
    const [section, key, index, ...rest] = path;
    if (section === 'compare' && key === 'methods') {
      const setting = ['settings', settings[Number(index)] ?? ''];
      return [ofSet(['config', ...rest]), [...setting, ...rest], ['config', ...rest], setting];
    }
    if (section === 'compare') return [ofSet(path.slice(1)), path.slice(1), ofSet([])];
    if (section === 'data') return [ofSet(path.slice(1)), path.slice(1), ofSet([])];
    return [ofSet(['config', ...path]), ['config', ...path]];
  };
  return (path) => {
    const place = placesOf(path).find((one) => has(content, one));
    return place === undefined ? undefined : lineOf(place);
  };
}

function has(content: unknown, path: readonly PropertyKey[]): boolean {
  let value = content;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return true;
}

function withPaths(keys: object, paths: readonly string[], from: (path: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]): [string, unknown] => [
      key,
      paths.includes(key) && typeof value === 'string' ? from(value) : value,
    ]),
  );
}

function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
