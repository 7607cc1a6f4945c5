import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import type { Dataset } from '../data/dataset.js';
import type { SplitFractions } from '../data/split.js';
import type { Proposal } from '../propose/index.js';
import { type PartialConfig, mergeConfigs, resolveConfig } from '../run/config.js';

/** What of a data set its configuration names. */
export interface ProposedData {
  readonly path: string;
  readonly format?: string;
  readonly images?: string;
  readonly boxes?: string;
  readonly multiLabel?: true;
  readonly positive: Dataset['classes'][number];
  readonly split?: SplitFractions;
}

/** A configuration file that `weakspot train --config` takes. */
export interface ProposedConfig {
  readonly settings: PartialConfig;
  /** YAML, with the reason behind each setting. */
  readonly yaml: string;
}

/**
 * The proposal as a configuration, its paths absolute. A reason stands once in a section.
 * @throws WeakspotError `config` where it is none; that is a fault of ours.
 */
export function configFrom(proposal: Proposal, data: ProposedData, remarks: readonly string[]): ProposedConfig {
  const settings = mergeConfigs({ data }, proposal.settings);
  resolveConfig(settings, { threads: 1, source: 'the proposed configuration' });
  const document = parseDocument(stringify(settings, { flowCollectionPadding: true }));
  const explain = (path: readonly string[], reason: string): void => {
    const section = document.getIn(path.slice(0, -1), true);
    const pair = isMap(section)
      ? section.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
      : undefined;
    if (pair !== undefined && isScalar(pair.key)) pair.key.commentBefore = ` ${reason}`;
  };
  const told = new Set<string>();
  for (const { key, reason } of proposal.choices) {
    const path = key.split('.');
    const place = [...path.slice(0, -1), reason].join('.');
    if (!told.has(place)) explain(path, reason);
    told.add(place);
  }
  document.commentBefore = remarks.map((line) => ` ${line}`).join('\n');
  return { settings, yaml: document.toString({ lineWidth: 0 }) };
}
