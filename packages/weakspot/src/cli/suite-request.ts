import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { type ComparisonSettings, holdsComparison, resolveComparison } from '../compare/index.js';
import { type Proposal, propose } from '../propose/index.js';
import { mergeConfigs } from '../run/config.js';
import { type SuiteRequest, type SuiteSet, resolveSuite } from '../suite/index.js';
import type { Chooser } from './chosen.js';
import type { CompareFlags } from './compare-request.js';
import { readKeyFile } from './config-file.js';
import { flagsToConfig } from './train-request.js';
import { cacheFolder } from './values.js';

/** Chooses settings that suit a set, and is told what was chosen for which setting. */
export interface SuiteChooser extends Pick<Chooser, 'look'> {
  readonly tell: (set: string, chosen: readonly SettingProposal[]) => void;
}

/** What was chosen for a setting on a set. */
export interface SettingProposal {
  readonly setting: string;
  readonly proposal: Proposal;
}

/** Options that say what the suite file says for each set. */
const ofTheFile = {
  config: '-c, --config',
  preset: '--preset',
  methods: '-m, --methods',
  folds: '--folds',
  test: '-t, --test',
  split: '--split',
  splitFile: '--split-file',
  splitSeed: '--split-seed',
  format: '--format',
  images: '--images',
  boxes: '--boxes',
  positive: '--positive',
  strict: '--strict',
} as const satisfies Partial<Record<keyof CompareFlags, string>>;

/**
 * The suite that a command line asks for: the suite file, and over it options that hold for all its runs.
 * @param chooser Chooses settings that suit each data set; without, the defaults stand.
 * @throws WeakspotError `usage` if options are missing or say what the suite file says; `config` for a wrong suite file.
 */
export async function makeSuite(
  file: string,
  data: string | undefined,
  flags: CompareFlags,
  chooser?: SuiteChooser,
): Promise<SuiteRequest> {
  const given = Object.entries(ofTheFile).filter(([key]) => flags[key as keyof typeof ofTheFile] !== undefined);
  const [wrong] = [...(data === undefined ? [] : [data]), ...given.map(([, name]) => name)];
  if (wrong !== undefined) {
    throw new WeakspotError('usage', `${wrong} cannot be given with --suite.`, {
      hint: 'The suite file says it, for all sets or for each.',
    });
  }
  const { out, seeds, checkpoint, tolerance, resamples, level, force = false } = flags;
  if (out === undefined) {
    throw new WeakspotError('usage', 'Say where the suite goes: --out FOLDER.', {
      hint: 'For example --out runs/suite',
    });
  }
  const { content, lineOf } = await readKeyFile(file, {
    what: 'suite',
    hint: '--suite takes a YAML file with the keys "sets" and "settings".',
    example: 'sets:',
  });
  const sets = resolveSuite(content, {
    threads: availableParallelism(),
    source: file,
    lineOf,
    folder: flags.data ?? dirname(file),
    out,
    changes: mergeConfigs(flagsToConfig(undefined, settingFlags(flags)), flags.set ?? {}),
    suite: { seeds, checkpoint, tolerance, resamples, level },
  });
  return {
    out,
    sets,
    force,
    cache: cacheFolder(flags.cache),
    ...(flags.cacheSize === undefined ? {} : { cacheLimit: flags.cacheSize }),
    ...(flags.acceptChanges === true ? { acceptChanges: true } : {}),
    ...(flags.tensorboard === true ? { tensorboard: true } : {}),
    ...(chooser === undefined ? {} : { settle: (set, folder) => settled(set, folder, force, chooser) }),
  };
}

/** Those that hold for all runs. */
function settingFlags({
  network,
  size,
  epochs,
  batch,
  learningRate,
  init,
  threads,
  device,
}: CompareFlags): CompareFlags {
  const all = { network, size, epochs, batch, learningRate, init, threads, device };
  return { cache: undefined, ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
}

/** The settings with what suits the set, of each setting for its own network; those that its comparison was begun with stay. */
async function settled(
  { name, settings, partial, options }: SuiteSet,
  folder: string,
  force: boolean,
  { look, tell }: SuiteChooser,
): Promise<ComparisonSettings> {
  const [first] = settings.methods;
  if (first === undefined || (!force && (await holdsComparison(folder, settings)))) return settings;
  const seen = await look(first.config);
  if (seen === undefined) return settings;
  const proposals: Proposal[] = [];
  const resolved = resolveComparison(partial, {
    ...options,
    propose: (given) => {
      const proposal = propose(seen, given);
      proposals.push(proposal);
      return proposal.settings;
    },
  });
  // The first is asked for what all have in common.
  const ofSettings = proposals.slice(1);
  tell(
    name,
    settings.methods.flatMap(({ name: setting }, i) => {
      const proposal = ofSettings[i];
      return proposal === undefined ? [] : [{ setting, proposal }];
    }),
  );
  return resolved;
}
