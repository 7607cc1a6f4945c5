import { formatScore } from '@weakspot/core';
import { describePassedOver } from '../data/passed-over.js';
import { renderTable } from '../report/table.js';
import { TEXT_WIDTH, wrapText } from '../report/wrap.js';
import { describeBackground, describeCellView } from './describe-cells.js';
import type { Counts } from './counts.js';
import type { Duplicates } from './duplicates.js';
import type { SetFingerprint } from './fingerprint.js';
import type { DataInspection, SetInspection } from './report.js';
import type { ShortcutCheck } from './shortcuts.js';
import { SHORTCUT_AUC } from './shortcuts.js';
import type { Spread } from './summary.js';

/** Features listed of a shortcut check. */
const LISTED = 6;

/** What was found of a data set, for a person; the issues are only counted. */
export function describeInspection({ set, issues, ok, path }: DataInspection): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const counted = [countOf(errors, 'error'), countOf(issues.length - errors, 'warning')].join(', ');
  const verdict = ok
    ? `Training can run: ${counted}.`
    : `Training would fail, or its numbers would be worthless: ${counted}.`;
  if (set === undefined) return `${path} cannot be read as a data set.\n\n${verdict}`;
  return [
    describeSet(set),
    describeClasses(set.counts),
    ...(set.fingerprint === undefined ? [] : [describeFingerprint(set.fingerprint, set.counts)]),
    describeDuplicates(set.duplicates),
    ...set.shortcuts.map(describeShortcuts),
    ...(set.shortcuts.length > 0
      ? []
      : [`Shortcuts: ${set.classes.length === 1 ? 'one class has none' : 'too few images to look for them'}.`]),
    ...(set.classes.length === 1 ? [] : [describeBackground(set.background)]),
    ...(set.cells === undefined ? [] : [describeCellView(set.cells)]),
    verdict,
  ].join('\n\n');
}

function describeSet(set: SetInspection): string {
  const { name, format, otherFormats, classes, positive, multiLabel, counts, passedOver } = set;
  const others = otherFormats.length === 0 ? '' : `; could also be read as ${otherFormats.join(', ')} (--format)`;
  const patients =
    counts.withoutPatient === counts.images
      ? 'patients unknown'
      : `${countOf(counts.patients, 'patient')}${counts.withoutPatient === 0 ? '' : `, unknown for ${counts.withoutPatient} images`}`;
  return [
    `${name}: ${countOf(counts.images, 'image')} (${patients}), read as ${format}${others}`,
    `Classes ${classes.join(', ')}; ${multiLabel === true ? 'an image may have several' : `positive: ${positive}`}`,
    ...(passedOver.length === 0 ? [] : [wrapText(`Passed over: ${describePassedOver(passedOver)}`)]),
  ].join('\n');
}

const CLASSES_LEGEND = 'With regions: images with ground truth. Training, Validation, Test: images in each part.';

function describeClasses({ classes, all, views, givenParts, images }: Counts): string {
  const row = (name: string, { images: count, patients, located, parts }: Counts['all']): string[] => {
    return [name, ...[count, patients, located, parts.train, parts.validation, parts.test].map(String)];
  };
  const header = ['Class', 'Images', 'Patients', 'With regions', 'Training', 'Validation', 'Test'];
  const table = renderTable(header, [...classes.map((count) => row(count.name, count)), row('all', all)], {
    maxWidth: TEXT_WIDTH,
  });
  const from =
    givenParts === 0 ? 'drawn, as training would' : givenParts === images ? "the data set's own" : 'partly its own';
  const seen = views.length === 0 ? [] : [`Views: ${views.map((view) => `${view.view} ${view.images}`).join(', ')}`];
  return [table, CLASSES_LEGEND, `Parts: ${from}.`, ...seen].join('\n');
}

function describeFingerprint(fingerprint: SetFingerprint, { regions }: Counts): string {
  const { sizes, sizeCount, depths } = fingerprint;
  const row = (name: string, { min, p10, median, p90, max }: Spread, digits: number): string[] => [
    name,
    ...[min, p10, median, p90, max].map((value) => value.toFixed(digits)),
  ];
  const table = renderTable(
    ['Image', 'Lowest', '10 %', 'Median', '90 %', 'Highest'],
    [
      row('width, pixels', fingerprint.width, 0),
      row('height, pixels', fingerprint.height, 0),
      row('width / height', fingerprint.aspect, 2),
      row('mean', fingerprint.imageMean, 3),
      row('standard deviation', fingerprint.imageStd, 3),
      row('0.5th percentile', fingerprint.low, 3),
      row('99.5th percentile', fingerprint.high, 3),
      row('padding', fingerprint.padding, 3),
      ...(regions.diameter === undefined ? [] : [row('diameter of a region', regions.diameter, 0)]),
    ],
  );
  const more = sizeCount > 3 ? `, and ${sizeCount - 3} more` : '';
  const listed = sizes.slice(0, 3).map(({ size, images }) => `${size} (${images})`);
  const bits = depths.map((depth) => `${depth.bits} (${depth.images})`).join(', ');
  return [
    table,
    'Intensities are shares of the range of the format, 0 black and 1 white; padding is a share of the area.',
    `Sizes: ${listed.join(', ')}${more}. Bits: ${bits}.`,
    `All pixels: mean ${fingerprint.mean.toFixed(3)}, standard deviation ${fingerprint.std.toFixed(3)}.`,
  ].join('\n');
}

const DUPLICATES_LEGEND =
  'Groups: sets of images that are alike; Images: the images in them. Across parts, classes, patients: groups whose images ' +
  'are in several parts, have several labels, or belong to several patients.';

function describeDuplicates(duplicates: readonly Duplicates[]): string {
  if (duplicates.length === 0) return 'Duplicates: none.';
  const rows = (['same', 'near'] as const).map((kind) => {
    const groups = duplicates.filter((group) => group.kind === kind);
    const among = (odd: (group: Duplicates) => boolean): string => String(groups.filter(odd).length);
    return [
      kind === 'same' ? 'same pixels' : 'near-same',
      String(groups.length),
      String(groups.reduce((sum, { images }) => sum + images.length, 0)),
      among(({ parts }) => parts.length > 1),
      among(({ classes }) => classes.length > 1),
      among(({ patients }) => patients > 1),
    ];
  });
  const header = ['Duplicates', 'Groups', 'Images', 'Across parts', 'Across classes', 'Across patients'];
  return [renderTable(header, rows), wrapText(DUPLICATES_LEGEND)].join('\n');
}

function describeShortcuts({ className, together, alone }: ShortcutCheck): string {
  const rows = [together, ...alone.slice(0, LISTED)].map(({ name, auc, warns }) => [
    name,
    formatScore(auc),
    warns ? 'shortcut' : '',
  ]);
  const table = renderTable(['Feature', 'AUC', ''], rows).replaceAll(/ +$/gm, '');
  const found = [together, ...alone].some(({ warns }) => warns);
  return [
    `How well features other than the lesion predict "${className}" (AUC above ${SHORTCUT_AUC}: a shortcut):`,
    table,
    found ? 'There are shortcuts: a network may learn them instead of the lesion.' : 'No shortcut found.',
  ].join('\n');
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
