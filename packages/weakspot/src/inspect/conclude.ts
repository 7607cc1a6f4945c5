import { resolve } from 'node:path';
import { hasClass, oneClassMessage } from '../data/classes.js';
import type { Dataset } from '../data/dataset.js';
import { IssueList } from '../data/issues.js';
import { type SetMeasures, describeRegions, propose } from '../propose/index.js';
import { mergeConfigs, resolveConfig } from '../run/config.js';
import { VERSION } from '../version.js';
import { checkBackground } from './background.js';
import { viewCell } from './cell-view.js';
import { reportBackground, reportCounts, reportShortcuts } from './checks.js';
import type { ProposedConfig, ProposedData } from './config.js';
import { configFrom } from './config.js';
import { describeSides } from './sides.js';
import { countSamples } from './counts.js';
import type { Duplicates } from './duplicates.js';
import { findDuplicates, reportDuplicates } from './duplicates.js';
import { fingerprintOfSet } from './fingerprint.js';
import type { Gathered, InspectDatasetOptions, MeasuredImage } from './gathered.js';
import type { DataInspection } from './report.js';
import type { ShortcutCheck } from './shortcuts.js';
import { checkShortcuts } from './shortcuts.js';

/** Draws the conclusions from what was gathered. */
export function concludeInspection(
  path: string,
  options: InspectDatasetOptions,
  { dataset, parts, measured, issues: before, seed, measures: seen }: Gathered,
): { readonly inspection: DataInspection; readonly yaml?: string } {
  const place = { file: dataset.root };
  const issues = new IssueList();
  const readable = new Set(measured.map(({ sample }) => sample));
  const kept = dataset.samples.map((sample) => readable.has(sample));
  const counts = countSamples(
    { classes: dataset.classes, samples: dataset.samples.filter((_, i) => kept[i]) },
    parts?.filter((_, i) => kept[i]),
  );
  if (dataset.classes.length === 1) issues.error(oneClassMessage(dataset.classes), place);
  if (measured.length === 0) issues.error('no image can be decoded', place);
  else if (parts !== undefined) reportCounts(counts, dataset, issues);
  const partOf = new Map(dataset.samples.map((sample, i) => [sample, parts?.[i]]));
  const duplicates = findDuplicates(
    measured.map(({ sample, measures, detail }) => ({
      sample,
      className: dataset.classes.filter((_, index) => hasClass(sample, index)).join('|'),
      part: partOf.get(sample),
      sha256: measures.sha256,
      detail,
    })),
  );
  reportDuplicates(duplicates, place, issues);
  const shortcuts = findShortcuts(dataset, measured, seed);
  reportShortcuts(shortcuts, dataset, issues);
  const background = dataset.classes.length === 1 ? undefined : checkBackground(measured, dataset, seed);
  reportBackground(background, dataset, issues);
  const fingerprint = measured.length === 0 ? undefined : fingerprintOfSet(measured.map(({ measures }) => measures));

  const all = [...issues.list(), ...before];
  const errors = all.filter(({ severity }) => severity === 'error');
  const config =
    seen === undefined || parts === undefined || dataset.classes.length === 1
      ? undefined
      : proposeConfig(path, options, { dataset, counts, measures: seen, shortcuts, duplicates });
  const inspection: DataInspection = {
    weakspot: VERSION,
    path: resolve(path),
    ok: errors.length === 0,
    issues: [...errors, ...all.filter(({ severity }) => severity !== 'error')],
    set: {
      name: dataset.name,
      format: dataset.format,
      otherFormats: dataset.otherFormats,
      classes: dataset.classes,
      positive: dataset.classes[dataset.positive] ?? '',
      ...(dataset.multiLabel === true ? { multiLabel: true } : {}),
      passedOver: dataset.passedOver ?? [],
      counts,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      duplicates,
      shortcuts,
      ...(background === undefined ? {} : { background }),
      ...(config === undefined ? {} : { cells: viewCell(config.settings, dataset, measured), config: config.settings }),
      images: measured.map(({ sample, measures }) => ({ name: sample.name, ...measures })),
    },
  };
  return { inspection, ...(config === undefined ? {} : { yaml: config.yaml }) };
}

function findShortcuts(dataset: Dataset, measured: readonly MeasuredImage[], seed: number): ShortcutCheck[] {
  // Of two classes that exclude each other, one tells of both.
  const one = dataset.classes.length === 2 && dataset.multiLabel !== true;
  const labels = one ? [dataset.positive] : dataset.classes.map((_, label) => label);
  return labels.flatMap((label) => checkShortcuts(measured, dataset, label, seed) ?? []);
}

interface Findings {
  readonly dataset: Dataset;
  readonly counts: ReturnType<typeof countSamples>;
  readonly measures: SetMeasures;
  readonly shortcuts: readonly ShortcutCheck[];
  readonly duplicates: readonly Duplicates[];
}

function proposeConfig(
  path: string,
  options: InspectDatasetOptions,
  { dataset, counts, measures, shortcuts, duplicates }: Findings,
): ProposedConfig {
  const multiLabel = dataset.multiLabel === true;
  const { images, boxes, format, split } = options;
  const proposal = propose(measures, split === undefined ? {} : { data: { split } });
  const data: ProposedData = {
    path: resolve(path),
    ...(format === undefined ? {} : { format }),
    ...(images === undefined ? {} : { images: resolve(images) }),
    ...(boxes === undefined ? {} : { boxes: resolve(boxes) }),
    ...(multiLabel ? { multiLabel: true } : {}),
    positive: dataset.classes[dataset.positive] ?? '',
    ...(split === undefined ? {} : { split }),
  };
  const lesions = describeRegions(counts.regions.diameter?.median, measures, proposal);
  const warned = shortcuts.some(({ together, alone }) => [together, ...alone].some(({ warns }) => warns));
  const config = resolveConfig(mergeConfigs({ data }, proposal.settings), {
    threads: 1,
    source: 'the proposed configuration',
  });
  return configFrom(proposal, data, [
    `Proposed by weakspot inspect ${VERSION} for ${dataset.name}, by rules of thumb. "weakspot train" chooses the same by default.`,
    `weakspot train --config FILE`,
    ...(lesions === undefined ? [] : [`Lesions: ${lesions}.`]),
    describeSides(config),
    ...(warned ? ['The classes can be told apart by their source: see the warnings before you train.'] : []),
    ...(duplicates.length > 0 ? ['There are duplicates: see the warnings before you train.'] : []),
  ]);
}
