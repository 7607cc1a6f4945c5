import { WeakspotError, networkNames } from '@weakspot/core';
import { z } from 'zod';
import { splitDefaults, splitWay } from '../data/split-settings.js';
import { pageUrl } from '../documentation.js';
import { describeIssue } from './config-problems.js';
import { type RunConfig, runConfigSchema } from './config-schema.js';
import { DEFAULT_NETWORK, defaultConfig, defaultEpochs } from './defaults.js';

export { type RunConfig, runConfigSchema } from './config-schema.js';

/** Part of a configuration, as files and flags give it. */
export type PartialConfig = { readonly [K in keyof RunConfig]?: unknown };

export interface ResolveOptions {
  /** Engine threads unless the configuration says. */
  readonly threads: number;
  /** What messages name: a file, or "the command line". */
  readonly source: string;
  /** Line of the source at which a key stands. */
  readonly lineOf?: (path: readonly PropertyKey[]) => number | undefined;
  /** Settings for what the configuration leaves open, which go before the defaults: those that suit a data set. */
  readonly propose?: (given: PartialConfig) => PartialConfig;
}

/**
 * Completes a partial configuration with the defaults and checks it.
 * @throws WeakspotError `config` listing every wrong key, with the nearest known one.
 */
export function resolveConfig(given: PartialConfig, options: ResolveOptions): RunConfig {
  const { threads, source, lineOf, propose } = options;
  const partial = propose === undefined ? given : mergeConfigs(propose(given), given);
  const name = z
    .enum(networkNames)
    .safeParse((partial.network as { name?: unknown } | undefined)?.name ?? DEFAULT_NETWORK);
  const network = name.success ? name.data : DEFAULT_NETWORK;
  const epochs = z.int().min(1).safeParse(partial.epochs);
  const defaults = defaultConfig(network, epochs.success ? epochs.data : defaultEpochs(network), threads);
  const way = splitWay((partial.data as { split?: unknown } | undefined)?.split) ?? 'shares';
  const base = { ...defaults, data: { strict: false, split: splitDefaults[way] } };
  const result = runConfigSchema.safeParse(mergeConfigs(base, mergeConfigs(consequences(base, partial), partial)));
  if (result.success) return result.data;
  throw configError(runConfigSchema, result.error, { source, ...(lineOf === undefined ? {} : { lineOf }) });
}

/** What follows for other defaults from what is given: no quarter turns of an input that is no square, no mean over mirror images without any. */
function consequences(base: PartialConfig, given: PartialConfig): PartialConfig {
  // What is given is not checked yet.
  type Section = Readonly<Record<string, unknown>> | undefined;
  const { preprocessing, augmentation, localizer } = mergeConfigs(base, given) as Readonly<Record<string, Section>>;
  const isSquare = preprocessing?.width === preprocessing?.height;
  const isMirrored = augmentation?.flip === true || augmentation?.flipVertical === true;
  const map = localizer?.map;
  return {
    ...(isSquare ? {} : { augmentation: { quarterTurns: false } }),
    ...(isMirrored || typeof map !== 'string' ? {} : { localizer: { map: map.replace(/\+flips$/, '') } }),
  };
}

/** What a schema refused, as one error that lists every wrong key with its line and the nearest known one; `page` describes the keys. */
export function configError(
  schema: z.ZodType,
  error: z.ZodError,
  { source, lineOf }: Pick<ResolveOptions, 'source' | 'lineOf'>,
  page = 'reference/configuration.md',
): WeakspotError {
  const lines = error.issues.flatMap((issue) =>
    describeIssue(schema, issue).map(({ path, message }) => {
      const line = lineOf?.(path);
      return `${line === undefined ? source : `${source}:${line}`}: ${message}`;
    }),
  );
  const message = lines.length === 1 ? (lines[0] ?? '') : `${lines.length} problems:\n  ${lines.join('\n  ')}`;
  return new WeakspotError('config', message, {
    hint: `${pageUrl(page)} lists every key.`,
    cause: error,
  });
}

/** Lays a partial configuration over another: objects are merged key by key, all else is replaced. */
export function mergeConfigs(base: PartialConfig, change: PartialConfig): PartialConfig {
  return merge(base, change, '') as PartialConfig;
}

const kindOf = (value: Readonly<Record<string, unknown>>): unknown => value['kind'];

/** Objects whose keys depend on what kind they are: given as another kind they replace the base's whole. */
const choices = new Map([
  ['.optimizer.schedule', kindOf],
  ['.preprocessing.normalization', kindOf],
  ['.data.split', splitWay],
]);

function merge(base: unknown, change: unknown, path: string): unknown {
  if (!isRecord(base) || !isRecord(change)) return change === undefined ? base : change;
  const kind = choices.get(path);
  const [was, is] = [kind?.(base), kind?.(change)];
  if (was !== undefined && is !== undefined && was !== is) return change;
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = given.map(([key, value]): [string, unknown] => {
    return [key, merge(Object.hasOwn(base, key) ? base[key] : undefined, value, `${path}.${key}`)];
  });
  // Not by assignment, which for a key "__proto__" would set the prototype and hide the key from the check.
  return Object.fromEntries([...Object.entries(base), ...merged]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
