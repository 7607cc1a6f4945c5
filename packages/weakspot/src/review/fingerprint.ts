import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { regionsShare } from '@weakspot/core';
import { mapLimited } from '../data/concurrency.js';
import type { Sample, Split } from '../data/dataset.js';
import type { PageTable } from '../report/page/content.js';
import { compareText } from './choose.js';
import type { MeasuredImage } from './measure.js';

/** Files read at once. */
const CONCURRENCY = 4;

/**
 * SHA-256, hexadecimal, over the samples in the order of their names: name, label and the SHA-256 of the file. Equal for two
 * reports only if they were measured on the same images with the same labels.
 * @throws WeakspotError `aborted`.
 */
export async function fingerprintOf(
  samples: readonly Sample[],
  classes: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const ordered = samples.toSorted((a, b) => compareText(a.name, b.name));
  const digests = await mapLimited(ordered, CONCURRENCY, ({ path }) => digestOf(path), signal);
  const lines = ordered.map(({ name, label }, i) => JSON.stringify([name, classes[label], digests[i]]));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** A file that cannot be read has no digest; what is wrong with it is told where it is decoded. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return '-';
  }
}

/** What the tested images are like. */
export function testedTable(
  name: string,
  images: readonly MeasuredImage[],
  classes: readonly string[],
  fingerprint: string,
): PageTable {
  const located = images.filter(({ positive, hit }) => positive && hit !== undefined);
  const shares = located.map(({ sample, width, height }) => regionsShare(sample.regions, width, height, 0, 0));
  const patients = new Set(images.map(({ sample }) => sample.patient).filter((patient) => patient !== undefined));
  const rows = [
    ['Images', String(images.length)],
    ...classes.map((label, i) => [`of ${label}`, String(images.filter(({ sample }) => sample.label === i).length)]),
    ...(patients.size === 0 ? [] : [['Patients', String(patients.size)]]),
    ['Positive images with ground truth', String(located.length)],
    ['Regions of ground truth', String(located.reduce((sum, { sample }) => sum + sample.regions.length, 0))],
    ...(shares.length === 0
      ? []
      : [['Share of the image that ground truth covers, median', `${(100 * median(shares)).toFixed(1)} %`]]),
    ['Width, pixels', rangeOf(images.map(({ width }) => width))],
    ['Height, pixels', rangeOf(images.map(({ height }) => height))],
    ['Fingerprint (SHA-256 of names, labels and files)', fingerprint],
  ];
  return { caption: `Tested: ${name}`, columns: [{ name: 'What' }, { name: 'Value' }], rows };
}

/** Images of each part and class, of the run's data set where it can be read. */
export function partsTable(
  dataset: string,
  split: ReadonlyMap<string, Split>,
  classes: readonly string[],
  labels: ReadonlyMap<string, number>,
): PageTable {
  const parts: readonly Split[] = ['train', 'validation', 'test'];
  const names = { train: 'Training', validation: 'Validation', test: 'Test' } as const;
  const known = labels.size > 0;
  const members = (part: Split): string[] => [...split].filter(([, is]) => is === part).map(([name]) => name);
  return {
    caption: `Trained on: ${dataset}`,
    columns: [
      { name: 'Part' },
      { name: 'Images', numeric: true },
      ...(known ? classes.map((name) => ({ name, numeric: true })) : []),
    ],
    rows: parts.map((part) => {
      const images = members(part);
      const ofClass = (label: number): string => String(images.filter((name) => labels.get(name) === label).length);
      return [names[part], String(images.length), ...(known ? classes.map((_, label) => ofClass(label)) : [])];
    }),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function rangeOf(values: readonly number[]): string {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  if (values.length === 0) return '-';
  return low === high ? String(low) : `${low} to ${high}, median ${Math.round(median(values))}`;
}
