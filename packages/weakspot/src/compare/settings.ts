import { resolve } from 'node:path';
import { WeakspotError, methodNames } from '@weakspot/core';
import { z } from 'zod';
import { splitWay } from '../data/split-settings.js';
import { didYouMean } from '../data/suggest.js';
import {
  type PartialConfig,
  type ResolveOptions,
  type RunConfig,
  configError,
  mergeConfigs,
  resolveConfig,
} from '../run/config.js';
import { type PresetName, presetNames, presets } from '../run/presets.js';
import { withAbsolutePaths } from '../train/run-data.js';

const seed = z.int().min(0).max(0xffffffff);

/** A test set beside the data's own. */
export const testSchema = z.union(
  [
    z.string().min(1),
    z.strictObject({
      path: z.string().min(1),
      name: z.string().min(1).exactOptional(),
      format: z.string().exactOptional(),
      images: z.string().exactOptional(),
      boxes: z.string().exactOptional(),
      part: z.enum(['train', 'validation', 'test']).exactOptional(),
    }),
  ],
  { error: 'must be a path, or keys path, name, format, images, boxes and part' },
);

/** A file's or folder's name on any system. */
const NAME = /^\w[\w+.-]*$/;

const methodSchema = z.union(
  [
    z.string(),
    z.looseObject({
      name: z.string().regex(NAME, 'may have only letters, digits and + - _ .'),
    }),
  ],
  {
    error: 'must be the name of a method, or a name with configuration keys (letters, digits and + - _ . in the name)',
  },
);

/** The section `compare` of a configuration. The descriptions are also those of docs/reference/configuration.md. */
export const comparisonSectionSchema = z.strictObject({
  methods: z
    .array(methodSchema)
    .min(1)
    .default(['MaxPool', 'AvePool', 'STL+MaxPool', 'STL+AvePool'])
    .describe(
      'What is compared: names of methods, or objects with a `name`, maybe a `preset` that all other keys go over, and any configuration ' +
        'keys except `data`, `seed`, `threads` and `device`, such as `{ name: long, method: AvePool, epochs: 80 }`. An object that is named ' +
        'as a method is that method unless it says another.',
    ),
  seeds: z
    .array(seed)
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'a seed is given twice')
    .exactOptional()
    .describe('Each method is trained once with each. Default: 0, 1 and 2; with `folds`, the one `seed`.'),
  folds: z
    .int()
    .min(2)
    .exactOptional()
    .describe('Instead of several seeds: the number of folds; each method is trained and tested on each.'),
  tests: z
    .array(testSchema)
    .default([])
    .describe(
      "Test sets in addition to the data's own test part: paths, or objects with `path`, `name`, `format`, `images`, `boxes` and `part`.",
    ),
  checkpoint: z
    .enum(['last', 'best'])
    .default('last')
    .describe('The checkpoint of each run that is tested; `best` is the one with the highest validation AUC.'),
  tolerance: z
    .strictObject({ x: z.number().min(0), y: z.number().min(0) })
    .exactOptional()
    .describe(
      "How far outside a box a response still counts as a hit, in pixels of the network's input. Default: half the stride.",
    ),
  resamples: z
    .int()
    .min(1)
    .default(2000)
    .describe('Number of bootstrap resamples of the test images for the intervals.'),
  level: z.number().gt(0).lt(1).default(0.95).describe('Coverage of the confidence intervals.'),
});

const fileSchema = z.strictObject({ compare: comparisonSectionSchema });

/** A test set beside the data's own. */
export interface TestSettings {
  readonly path: string;
  readonly name?: string;
  readonly format?: string;
  readonly images?: string;
  readonly boxes?: string;
  readonly part?: 'train' | 'validation' | 'test';
}

/** Everything that determines a comparison. */
export interface ComparisonSettings {
  /** What is compared: names, which differ, and the configuration of each one's runs but for seed and split. */
  readonly methods: readonly { readonly name: string; readonly config: RunConfig }[];
  readonly seeds: readonly number[];
  /** Null: every run has the same parts. */
  readonly folds: number | null;
  readonly tests: readonly TestSettings[];
  readonly checkpoint: 'last' | 'best';
  readonly tolerance: { readonly x: number; readonly y: number } | null;
  readonly resamples: number;
  readonly level: number;
}

/** Part of a configuration with a section `compare`. */
export type PartialComparison = PartialConfig & { readonly compare?: unknown };

/**
 * Completes and checks the settings of a comparison: the keys of a run's configuration, and the section `compare`.
 * @throws WeakspotError `config` listing every wrong key.
 */
export function resolveComparison(partial: PartialComparison, options: ResolveOptions): ComparisonSettings {
  const { compare = {}, ...given } = partial;
  const parsed = fileSchema.safeParse({ compare });
  if (!parsed.success) throw configError(fileSchema, parsed.error, options);
  const section = parsed.data.compare;
  const { folds = null, checkpoint, tolerance = null, resamples, level } = section;
  const base = withFold(given, folds);
  const config = resolveConfig(base, options);
  const seeds = section.seeds ?? (folds === null ? [0, 1, 2] : [config.seed]);
  if (folds !== null && seeds.length > 1) {
    throw refused('compare.seeds', 'with folds there is one seed', 'Give several seeds or folds, not both.', options);
  }
  const methods = section.methods.map((entry, i) => variant(entry, i, base, options));
  const names = methods.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw refused('compare.methods', `"${twice}" is given twice`, 'Give each its own name.', options);
  }
  const tests = section.tests.map((test) => absolute(typeof test === 'string' ? { path: test } : test));
  return { methods, seeds, folds, tests, checkpoint, tolerance, resamples, level };
}

/** A comparison goes on from any working directory. */
function absolute(test: TestSettings): TestSettings {
  const { path, images, boxes } = test;
  return {
    ...test,
    path: resolve(path),
    ...(images === undefined ? {} : { images: resolve(images) }),
    ...(boxes === undefined ? {} : { boxes: resolve(boxes) }),
  };
}

/** The base of all runs; with folds, as the first of them. */
function withFold(given: PartialConfig, folds: number | null): PartialConfig {
  if (folds === null) return given;
  // A file's own folds are kept.
  const isFile = splitWay((given.data as { split?: unknown } | undefined)?.split) === 'file';
  return mergeConfigs(given, { data: { split: isFile ? { fold: 0 } : { folds, fold: 0 } } });
}

/** What all runs have in common: runs that differ here are not compared fairly. */
export const commonKeys = ['data', 'seed', 'threads', 'device'];

function variant(
  entry: z.infer<typeof methodSchema>,
  index: number,
  base: PartialConfig,
  options: ResolveOptions,
): { name: string; config: RunConfig } {
  const { name, preset, ...own }: { name: string; preset?: unknown; [key: string]: unknown } =
    typeof entry === 'string' ? { name: entry, method: entry } : entry;
  if (preset !== undefined && !isPreset(preset)) {
    const written = typeof preset === 'string' ? preset : JSON.stringify(preset);
    const what = `there is no preset "${written}"${didYouMean(written, presetNames)}`;
    const hint = `The presets are ${presetNames.join(', ')}.`;
    throw refused(`compare.methods.${index}.preset`, what, hint, options);
  }
  const named: PartialConfig = methodNames.some((known) => known === name) ? { method: name } : {};
  const changes = mergeConfigs(named, own);
  // As on the command line, a preset is what all else goes over.
  const whole = mergeConfigs(preset === undefined ? {} : presets[preset].settings, mergeConfigs(base, changes));
  const wrong = commonKeys.find((key) => key in changes);
  if (wrong !== undefined) {
    const hint = `Put "${wrong}" beside "compare": it holds for all methods.`;
    throw refused(`compare.methods.${index}`, `${name} has its own "${wrong}"`, hint, options);
  }
  if (typeof entry === 'string' && !methodNames.some((known) => known === entry)) {
    const what = `there is no method "${entry}"${didYouMean(entry, methodNames)}`;
    throw refused(`compare.methods.${index}`, what, `The methods are ${methodNames.join(', ')}.`, options);
  }
  const { lineOf } = options;
  const place = ['compare', 'methods', index];
  const config = resolveConfig(whole, {
    ...options,
    ...(lineOf === undefined ? {} : { lineOf: (path) => lineOf([...place, ...path]) }),
  });
  return { name, config: withAbsolutePaths(config) };
}

function isPreset(value: unknown): value is PresetName {
  return presetNames.some((name) => name === value);
}

function refused(key: string, what: string, hint: string, { source, lineOf }: ResolveOptions): WeakspotError {
  const line = lineOf?.(key.split('.'));
  return new WeakspotError('config', `${line === undefined ? source : `${source}:${line}`}: ${key}: ${what}`, { hint });
}
