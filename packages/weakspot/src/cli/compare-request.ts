import { WeakspotError } from '@weakspot/core';
import { type CompareRequest, type PartialComparison, resolveComparison } from '../compare/index.js';
import { type PartialConfig, mergeConfigs } from '../run/config.js';
import { type SettingFlags, flagsToConfig, namesNoData, readSettings, section } from './train-request.js';
import { cacheFolder } from './values.js';

/** The options of `weakspot compare` as they were given. */
export interface CompareFlags extends Omit<SettingFlags, 'method' | 'seed' | 'fold'> {
  readonly out?: string;
  readonly config?: string;
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
  readonly cache: string | boolean | undefined;
  /** Bytes. */
  readonly cacheSize?: number;
  readonly tensorboard?: boolean;
  readonly json?: boolean;
}

/**
 * The comparison that a command line asks for: the defaults, over them the configuration file, the options, and `--set`.
 * @throws WeakspotError `usage` if options are missing or contradict each other; `config` for wrong settings.
 */
export async function makeComparison(data: string | undefined, flags: CompareFlags): Promise<CompareRequest> {
  const { out, folds, seeds, split, force = false } = flags;
  if (out === undefined) {
    throw new WeakspotError('usage', 'Say where the comparison goes: --out FOLDER.', {
      hint: 'For example --out runs/comparison',
    });
  }
  if (folds !== undefined && split !== undefined) {
    throw new WeakspotError('usage', '--split and --folds do not go together.', {
      hint: 'Divide by shares or into folds.',
    });
  }
  const { methods, test: tests, checkpoint, tolerance, resamples, level } = flags;
  const compare = section({ methods, seeds, folds, tests, checkpoint, tolerance, resamples, level });
  const { folds: _, ...settings } = flags;
  const given: PartialComparison = { ...flagsToConfig(data, settings), ...(compare === undefined ? {} : { compare }) };
  const { partial, options } = await readSettings(mergeConfigs(given, flags.set ?? {}), flags.config);
  if (namesNoData(partial.data)) {
    throw new WeakspotError('usage', 'Say what to train on: weakspot compare DATA --out FOLDER.', {
      hint: 'DATA is a folder of labelled images or a labels.csv; --help says more.',
    });
  }
  const resolved = resolveComparison(withoutOtherWay(partial, flags), options);
  const board = flags.tensorboard === true ? { tensorboard: true } : {};
  const cacheLimit = flags.cacheSize === undefined ? {} : { cacheLimit: flags.cacheSize };
  return { out, cache: cacheFolder(flags.cache), ...cacheLimit, settings: resolved, force, ...board };
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
