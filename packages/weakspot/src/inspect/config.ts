import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import { type PartialConfig, resolveConfig } from '../run/config.js';
import type { ProposedData, Proposal } from './propose.js';

/** A configuration file that `weakspot train --config` takes. */
export interface ProposedConfig {
  readonly settings: PartialConfig;
  /** YAML, with the reason behind each setting. */
  readonly yaml: string;
}

/**
 * The proposal as a configuration, its paths absolute.
 * @throws WeakspotError `config` where it is none; that is a fault of ours.
 */
export function configFrom(proposal: Proposal, data: ProposedData, remarks: readonly string[]): ProposedConfig {
  const { network, input, range, normalization, batch, balance, split } = proposal;
  const settings: PartialConfig = {
    data: { ...data, split: split.value },
    network: { name: network.value },
    preprocessing: {
      ...input.value,
      intensity: { range: range.value },
      normalization: { kind: normalization.value },
    },
    balance: balance.value,
    batch: batch.value,
  };
  resolveConfig(settings, { threads: 1, source: 'the proposed configuration' });
  const document = parseDocument(stringify(settings, { flowCollectionPadding: true }));
  const explain = (path: readonly string[], reason: string): void => {
    const section = document.getIn(path.slice(0, -1), true);
    const pair = isMap(section)
      ? section.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
      : undefined;
    if (pair === undefined) return;
    if (isScalar(pair.key)) pair.key.commentBefore = ` ${reason}`;
    if (isMap(pair.value)) pair.value.flow = true;
  };
  explain(['data', 'split'], `Parts: ${split.reason}.`);
  explain(['network'], `Network: ${network.reason}.`);
  explain(['preprocessing', 'width'], `Input: ${input.reason}.`);
  explain(['preprocessing', 'intensity'], `Intensity: ${range.reason}.`);
  explain(['preprocessing', 'normalization'], `Normalisation: ${normalization.reason}.`);
  explain(['balance'], `Balance: ${balance.reason}.`);
  explain(['batch'], `Minibatch: ${batch.reason}.`);
  document.commentBefore = remarks.map((line) => ` ${line}`).join('\n');
  return { settings, yaml: document.toString({ lineWidth: 0 }) };
}
