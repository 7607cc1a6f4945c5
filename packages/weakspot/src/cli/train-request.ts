import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { type PartialConfig, type ResolveOptions, mergeConfigs, resolveConfig } from '../run/config.js';
import { type PresetName, presets } from '../run/presets.js';
import type { TrainingRequest } from '../train/index.js';
import { type Chooser, suitedOptions } from './chosen.js';
import { readConfigFile } from './config-file.js';
import { dataNamed, movedData } from './moved-data.js';
import { cacheFolder } from './values.js';

/** Options that are configuration keys, as they were given. */
export interface SettingFlags {
  readonly method?: string;
  readonly network?: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly init?: string;
  readonly seed?: number;
  readonly threads?: number;
  readonly device?: string;
  readonly format?: string;
  readonly split?: { readonly train: number; readonly validation: number; readonly test: number };
  readonly folds?: number;
  readonly fold?: number;
  readonly splitFile?: string;
  readonly splitSeed?: number;
  readonly images?: string;
  readonly boxes?: string;
  readonly positive?: string;
  readonly strict?: boolean;
}

/** The options of `weakspot train` as they were given. */
export interface TrainFlags extends SettingFlags {
  readonly out?: string;
  readonly config?: string;
  readonly preset?: PresetName;
  /** All `--set` together. */
  readonly set?: PartialConfig;
  readonly resume?: boolean;
  /** Where the data of a resumed run are now; of a new one as the argument. */
  readonly data?: string;
  readonly acceptChanges?: boolean;
  readonly force?: boolean;
  readonly cache: string | boolean | undefined;
  /** Bytes. */
  readonly cacheSize?: number;
  readonly tensorboard?: boolean;
  readonly json?: boolean;
}

/** What a command line leaves open, and who settles it. */
export interface RequestHelp {
  /** Chooses settings that suit the data set; without, the defaults stand. */
  readonly chooser?: Chooser;
  /** Makes a folder for a run on these data, where none is named. */
  readonly claim?: (data: string) => Promise<string>;
}

/**
 * The training that a command line asks for: the defaults, over them what suits the data set, the preset, the configuration
 * file, the options, and `--set`.
 * @throws WeakspotError `usage` if options are missing or contradict each other; `config` for wrong settings; `data` if the
 * data set cannot be read.
 */
export async function makeRequest(
  data: string | undefined,
  flags: TrainFlags,
  { chooser, claim }: RequestHelp = {},
): Promise<TrainingRequest> {
  const cacheLimit = flags.cacheSize === undefined ? {} : { cacheLimit: flags.cacheSize };
  const board = flags.tensorboard === true ? { tensorboard: true } : {};
  const common = { cache: cacheFolder(flags.cache), ...cacheLimit, ...board };
  if (flags.resume === true) {
    const { place, others } = movedData(flags);
    const settings = mergeConfigs(flagsToConfig(data, others), flags.set ?? {});
    const { out } = flags;
    if (out === undefined) {
      throw new WeakspotError(
        'usage',
        'Say which run to continue: weakspot train --out RUN --resume.',
        data === undefined ? {} : { hint: `If ${data} is the run: weakspot train --out ${data} --resume` },
      );
    }
    if (
      Object.keys(settings).length > 0 ||
      flags.config !== undefined ||
      flags.preset !== undefined ||
      flags.force === true
    ) {
      throw new WeakspotError('usage', '--resume takes data and settings from the run, so they cannot be given.', {
        hint:
          flags.device === undefined
            ? 'Give only --out, --data, --accept-changes, --cache, --no-cache or --cache-size, --tensorboard and --json. For other settings, start a new run.'
            : `To continue on another device, change "device" in ${join(out, 'config.json')}.`,
      });
    }
    return {
      run: out,
      ...common,
      resume: true,
      ...(place === undefined ? {} : { data: place }),
      ...(flags.acceptChanges === true ? { acceptChanges: true } : {}),
    };
  }
  if (flags.acceptChanges === true) {
    throw new WeakspotError('usage', '--accept-changes needs --resume.', {
      hint: 'A new run takes the data as they are.',
    });
  }
  const settings = mergeConfigs(flagsToConfig(dataNamed(data, flags.data), flags), flags.set ?? {});
  const { partial, options } = await readSettings(settings, flags);
  if (namesNoData(partial.data))
    throw new WeakspotError('usage', 'Say what to train on: weakspot train DATA.', {
      hint: 'DATA is a folder of labelled images or a labels.csv; see --help.',
    });
  const config = resolveConfig(
    partial,
    chooser === undefined ? options : await suitedOptions(partial, options, chooser),
  );
  const run = flags.out ?? (await claim?.(config.data.path));
  if (run === undefined)
    throw new WeakspotError('usage', 'Say where the run goes: --out FOLDER.', { hint: 'For example --out runs/first' });
  return { run, ...common, resume: false, config, force: flags.force === true };
}

/**
 * The settings of a command line over those of its configuration file, and these over its preset's; and how to complete
 * and check them.
 */
export async function readSettings(
  settings: PartialConfig,
  { config, preset }: Pick<TrainFlags, 'config' | 'preset'>,
): Promise<{ partial: PartialConfig; options: ResolveOptions }> {
  const file = config === undefined ? undefined : await readConfigFile(config);
  const options = {
    threads: availableParallelism(),
    source: config ?? 'the command line',
    ...(file === undefined ? {} : { lineOf: file.lineOf }),
  };
  const base = preset === undefined ? {} : presets[preset].settings;
  return { partial: mergeConfigs(mergeConfigs(base, file?.content ?? {}), settings), options };
}

/** Whether `data` lacks its path; what is there but wrong is left for the configuration's check. */
export function namesNoData(data: unknown): boolean {
  return data == null || (typeof data === 'object' && (data as { path?: unknown }).path == null);
}

/** Options as the part of a configuration that they are; what is not given is not there. */
export function flagsToConfig(data: string | undefined, flags: SettingFlags): PartialConfig {
  const { method, epochs, batch, init, seed, threads, device, size, network, learningRate } = flags;
  const { images, boxes, positive, strict, format } = flags;
  return given({
    data: section({ path: data, format, images, boxes, positive, strict, split: splitSection(flags) }),
    method,
    network: section({ name: network }),
    preprocessing: size,
    optimizer: section({ learningRate }),
    epochs,
    batch,
    init,
    seed,
    threads,
    device,
  });
}

/** @throws WeakspotError `usage` where two ways of dividing are asked for. */
function splitSection({ split, folds, fold, splitFile, splitSeed }: SettingFlags): Record<string, unknown> | undefined {
  const ways = { '--split': split, '--folds': folds, '--split-file': splitFile };
  const asked = Object.entries(ways).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (asked.length > 1) {
    throw new WeakspotError('usage', `${asked.join(' and ')} cannot be used together.`, {
      hint: 'Divide the data in one way: by shares, into folds, or by a file.',
    });
  }
  return section({ ...split, folds, fold, file: splitFile, seed: splitSeed });
}

/** A section without the options that were not given; undefined if none was, lest it replace what a file has there. */
export function section(values: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const found = given(values);
  return Object.keys(found).length === 0 ? undefined : found;
}

function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
