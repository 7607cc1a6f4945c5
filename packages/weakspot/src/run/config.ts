import { WeakspotError, methodNames, networkNames } from '@weakspot/core';
import { z } from 'zod';
import { augmentationSchema } from '../data/augment.js';
import { preprocessingSchema } from '../data/preprocess.js';
import { didYouMean } from '../data/suggest.js';

const fraction = z.number().min(0).max(1);
const count = z.int().min(1);

/** Everything that determines a training run; kept as `config.json` in the run's folder. */
export const runConfigSchema = z.strictObject({
  data: z.strictObject({
    /** Folder with a sub-folder per class, folder with labels.csv, or a CSV file. */
    path: z.string().min(1),
    /** Folder that the CSV's files lie in, if not beside it. */
    images: z.string().exactOptional(),
    /** CSV with ground truth boxes, if not beside the labels; for testing only. */
    boxes: z.string().exactOptional(),
    /** Name of the positive class, if it can't be told. */
    positive: z.string().exactOptional(),
    /** Stop at the first unreadable image instead of leaving it out. */
    strict: z.boolean(),
    /** Parts by patient; a `split` column in labels.csv goes before. */
    split: z
      .strictObject({ train: fraction, validation: fraction, test: fraction })
      .refine(
        ({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-6,
        'the fractions must add up to 1',
      )
      .refine(({ train }) => train > 0, 'the training part must not be empty'),
  }),
  method: z.enum(methodNames),
  network: z.strictObject({
    name: z.enum(networkNames),
    /** Widths of the classifier's hidden layers; the network's own unless given. */
    classifier: z.array(count).exactOptional(),
    /** Probability of dropping a hidden unit of the classifier. */
    dropout: z.number().min(0).lt(1).exactOptional(),
  }),
  /** r of LSE pooling. */
  sharpness: z.number().positive(),
  preprocessing: preprocessingSchema,
  augmentation: augmentationSchema,
  /**
   * How unequal class sizes are treated: `none`; `weight`: losses weighted by inverse frequency; `sample`: every epoch
   * draws the smaller classes again until all are equally frequent.
   */
  balance: z.enum(['none', 'weight', 'sample']),
  epochs: count,
  /** Images per minibatch. */
  batch: count,
  alpha: z.strictObject({
    kind: z.enum(['step', 'linear', 'cosine', 'constant']),
    start: fraction,
    end: fraction,
    /** Epoch of the step, or where the ramp ends. */
    at: z.number().min(0),
  }),
  optimizer: z.strictObject({
    learningRate: z.number().positive(),
    /** `step` multiplies by `factor` at each epoch of `at`; `cosine` falls to 0 at the last epoch. */
    schedule: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant') }),
      z.strictObject({ kind: z.literal('step'), at: z.array(z.number().min(0)), factor: z.number().positive() }),
      z.strictObject({ kind: z.literal('cosine') }),
    ]),
    /** Epochs over which the learning rate rises linearly from 0. */
    warmup: z.number().min(0),
    momentum: z.number().min(0).lt(1),
    weightDecay: z.number().min(0),
    /** Largest norm of the gradient of all parameters together; null: no limit. */
    clipNorm: z.number().positive().nullable(),
  }),
  /** Seed of everything random. */
  seed: z.int().min(0).max(0xffffffff),
  /** Threads of the engine. Results are bit-identical for equal numbers of threads. */
  threads: count,
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/** Part of a configuration, as files and flags give it. */
export type PartialConfig = { readonly [K in keyof RunConfig]?: unknown };

/**
 * The defaults, ours where the paper gives none (it gives: momentum 0.9, alpha 0.1 then 0.9, minibatch 64 and 500x500
 * inputs for `alexnet6`). alpha steps after 60 % of the epochs: epoch 60 of the default 100, as in the paper.
 */
export function defaultConfig(
  network: RunConfig['network']['name'],
  epochs: number,
  threads: number,
): Omit<RunConfig, 'data'> {
  const side = network === 'alexnet6' ? 500 : 160;
  return {
    method: 'STL+AvePool',
    network: { name: network },
    sharpness: 10,
    preprocessing: {
      width: side,
      height: side,
      intensity: { range: 'full-scale' },
      normalization: { kind: 'image' },
      antialias: true,
    },
    augmentation: { shift: 8, rotation: 0, scale: 0, flip: false, brightness: 0, contrast: 0 },
    balance: 'none',
    epochs,
    batch: network === 'alexnet6' ? 64 : 32,
    alpha: { kind: 'step', start: 0.1, end: 0.9, at: Math.round(0.6 * epochs) },
    optimizer: {
      learningRate: 0.005,
      schedule: { kind: 'constant' },
      warmup: 0,
      momentum: 0.9,
      weightDecay: 0.0005,
      clipNorm: 5,
    },
    seed: 0,
    threads,
  };
}

const defaultSplit = { train: 0.8, validation: 0.1, test: 0.1 };

export interface ResolveOptions {
  /** Engine threads unless the configuration says. */
  readonly threads: number;
  /** What messages name: a file, or "the command line". */
  readonly source: string;
  /** Line of the source at which a key stands. */
  readonly lineOf?: (path: readonly PropertyKey[]) => number | undefined;
}

/**
 * Completes a partial configuration with the defaults and checks it.
 * @throws WeakspotError `config` listing every wrong key, with the nearest known one.
 */
export function resolveConfig(partial: PartialConfig, { threads, source, lineOf }: ResolveOptions): RunConfig {
  const name = z.enum(networkNames).safeParse((partial.network as { name?: unknown } | undefined)?.name ?? 'compact');
  const epochs = count.safeParse(partial.epochs ?? 100);
  const defaults = defaultConfig(name.success ? name.data : 'compact', epochs.success ? epochs.data : 100, threads);
  const merged = mergeConfigs({ ...defaults, data: { strict: false, split: defaultSplit } }, partial);
  const result = runConfigSchema.safeParse(merged);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) =>
    describeIssue(issue).map(({ path, message }) => {
      const line = lineOf?.(path);
      return `${line === undefined ? source : `${source}:${line}`}: ${message}`;
    }),
  );
  const message = lines.length === 1 ? (lines[0] ?? '') : `${lines.length} problems:\n  ${lines.join('\n  ')}`;
  throw new WeakspotError('config', message, {
    hint: 'docs/reference/configuration.md lists every key.',
    cause: result.error,
  });
}

/** Lays a partial configuration over another: objects are merged key by key, all else is replaced. */
export function mergeConfigs(base: PartialConfig, change: PartialConfig): PartialConfig {
  return merge(base, change, '') as PartialConfig;
}

/** Objects whose keys depend on their `kind`: given with another kind they replace the base's whole. */
const choices = new Set(['.optimizer.schedule', '.preprocessing.normalization']);

function merge(base: unknown, change: unknown, path: string): unknown {
  if (!isRecord(base) || !isRecord(change)) return change === undefined ? base : change;
  if (choices.has(path) && change['kind'] !== base['kind']) return change;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) merged[key] = merge(base[key], value, `${path}.${key}`);
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeIssue(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { path, message: `unknown key "${path.join('.')}"${didYouMean(key, known)}` };
    });
  }
  const name = issue.path.length === 0 ? 'the configuration' : issue.path.join('.');
  return [{ path: issue.path, message: `${name}: ${issue.message}` }];
}

/** Keys that the schema knows at a path, for suggestions. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = z.toJSONSchema(runConfigSchema, { unrepresentable: 'any' });
  for (const key of path) schema = (schema as { properties?: Record<string, unknown> }).properties?.[String(key)] ?? {};
  return Object.keys((schema as { properties?: Record<string, unknown> }).properties ?? {});
}
