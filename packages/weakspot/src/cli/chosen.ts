import { type SetMeasures, describeProposal, measureSet, propose } from '../propose/index.js';
import { type PartialConfig, type ResolveOptions, type RunConfig, resolveConfig } from '../run/config.js';
import { openDataset } from '../run/open-dataset.js';
import type { Terminal } from './terminal.js';

/** How what a command line leaves open is chosen: by a look at the data set that it names. */
export interface Chooser {
  /** What is seen of the data set; undefined where there is nothing to be seen. */
  readonly look: (config: RunConfig) => Promise<SetMeasures | undefined>;
  /** Is told what was chosen, and for what. */
  readonly tell: (set: SetMeasures, given: PartialConfig) => void;
}

/** Reads the data set and decodes a few of its images; says what was chosen on standard error, or as JSON. */
export function chooser(terminal: Terminal, json: boolean): Chooser {
  return {
    look: async (config) => measureSet(await openDataset(config), config.data.split),
    tell: (set, given) => {
      const proposal = propose(set, given);
      for (const line of describeProposal(set, proposal)) terminal.err(line);
      if (json && proposal.choices.length > 0)
        terminal.out(JSON.stringify({ type: 'proposal', set, choices: proposal.choices }));
    },
  };
}

/**
 * How a configuration is completed: as `options` say, and with what suits its data set.
 * @throws WeakspotError `config` where it is wrong, before anything is read; and as `readDataset` and `measureSet` do.
 */
export async function suitedOptions(
  partial: PartialConfig,
  options: ResolveOptions,
  { look, tell }: Chooser,
): Promise<ResolveOptions> {
  const set = await look(resolveConfig(partial, options));
  if (set === undefined) return options;
  tell(set, partial);
  return { ...options, propose: (given) => propose(set, given).settings };
}
