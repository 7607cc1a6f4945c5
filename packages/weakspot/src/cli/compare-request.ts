import { join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import {
  type CompareRequest,
  type ComparisonSettings,
  type PartialComparison,
  holdsComparison,
  resolveComparison,
} from '../compare/index.js';
import { type PartialConfig, type ResolveOptions, mergeConfigs } from '../run/config.js';
import type { PresetName } from '../run/presets.js';
import { RUNS, setNameOf } from '../run/run-name.js';
import { type Chooser, suitedOptions } from './chosen.js';
import { dataNamed } from './moved-data.js';
import { type SettingFlags, flagsToConfig, namesNoData, readSettings, section } from './train-request.js';
import { cacheFolder } from './values.js';

/** The options of `weakspot compare` as they were given. */
export interface CompareFlags extends Omit<SettingFlags, 'method' | 'seed' | 'fold'> {
  readonly out?: string;
  readonly config?: string;
  readonly preset?: PresetName;
  /** File of a suite: several data sets at once. */
  readonly suite?: string;
  readonly methods?: readonly string[];
  readonly seeds?: readonly number[];
  readonly test?: readonly string[];
  readonly checkpoint?: 'last' | 'best';
  readonly tolerance?: { readonly x: number; readonly y: number };
  readonly resamples?: number;
  readonly level?: number;
  /** All `--set` together. */
  readonly set?: PartialConfig;
  readonly force?: boolean;
  /** As the argument. */
  readonly data?: string;
  readonly acceptChanges?: boolean;
  readonly cache: string | boolean | undefined;
  /** Bytes. */
  readonly cacheSize?: number;
  readonly tensorboard?: boolean;
  readonly json?: boolean;
}

/**
 * The comparison that a command line asks for: the defaults, over them what suits the data set, the preset, the configuration
 * file, the options, and `--set`. Without `--out` it goes to `runs/DATA-comparison`: the same place every time, as the same
 * command continues a comparison.
 * @param chooser Chooses settings that suit the data set; without, the defaults stand.
 * @throws WeakspotError `usage` if options are missing or contradict each other; `config` for wrong settings; `data` if the
 * data set cannot be read.
 */
export async function makeComparison(
  data: string | undefined,
  flags: CompareFlags,
  chooser?: Chooser,
): Promise<CompareRequest> {
  const { folds, seeds, split, force = false } = flags;
  if (folds !== undefined && split !== undefined) {
    throw new WeakspotError('usage', '--split and --folds cannot be used together.', {
      hint: 'Divide the data either by shares or into folds.',
    });
  }
  const { methods, test: tests, checkpoint, tolerance, resamples, level } = flags;
  const compare = section({ methods, seeds, folds, tests, checkpoint, tolerance, resamples, level });
  const { folds: _, ...settings } = flags;
  const given: PartialComparison = {
    ...flagsToConfig(dataNamed(data, flags.data), settings),
    ...(compare === undefined ? {} : { compare }),
  };
  const { partial, options } = await readSettings(mergeConfigs(given, flags.set ?? {}), flags);
  if (namesNoData(partial.data)) {
    throw new WeakspotError('usage', 'Say what to train on: weakspot compare DATA.', {
      hint: 'DATA is a folder of labelled images or a labels.csv; see --help.',
    });
  }
  const asked = withoutOtherWay(partial, flags);
  const plain = resolveComparison(asked, options);
  const out = flags.out ?? join(RUNS, `${setNameOf(plain.methods[0]?.config.data.path ?? '')}-comparison`);
  // One that was begun with the defaults alone continues with them.
  const keep = chooser === undefined || (!force && (await holdsComparison(out, plain)));
  const resolved = keep ? plain : await suited(asked, plain, options, chooser);
  const board = flags.tensorboard === true ? { tensorboard: true } : {};
  const changes = flags.acceptChanges === true ? { acceptChanges: true } : {};
  const cacheLimit = flags.cacheSize === undefined ? {} : { cacheLimit: flags.cacheSize };
  return { out, cache: cacheFolder(flags.cache), ...cacheLimit, settings: resolved, force, ...changes, ...board };
}

/** The settings with what suits the data set, of each method for its own network. */
async function suited(
  asked: PartialComparison,
  { methods, folds }: ComparisonSettings,
  options: ResolveOptions,
  chooser: Chooser,
): Promise<ComparisonSettings> {
  const { compare: _, ...given } = asked;
  const config = methods[0]?.config;
  if (config === undefined) return resolveComparison(asked, options);
  const base = folds === null ? given : mergeConfigs(given, { data: { split: config.data.split } });
  return resolveComparison(asked, await suitedOptions(base, options, { ...chooser, look: () => chooser.look(config) }));
}

/** Folds on the command line go before several seeds of the file, and the other way round. */
function withoutOtherWay(
  partial: PartialComparison,
  { folds, seeds }: Pick<CompareFlags, 'folds' | 'seeds'>,
): PartialComparison {
  const { compare } = partial;
  if (typeof compare !== 'object' || compare === null) return partial;
  const entries = Object.entries(compare).filter(
    ([key]) =>
      !(key === 'seeds' && folds !== undefined && seeds === undefined) &&
      !(key === 'folds' && folds === undefined && seeds !== undefined),
  );
  return { ...partial, compare: Object.fromEntries(entries) };
}
