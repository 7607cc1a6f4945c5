import type { Sample, Split } from '../data/dataset.js';
import type { IssueList } from '../data/issues.js';
import { findNearSame } from './near-same.js';
import type { Detail } from './detail.js';

/** An image as duplicates are looked for. */
export interface ComparedImage {
  readonly sample: Sample;
  /** Its class's name. */
  readonly className: string;
  /** Part that it would be in; undefined where the set cannot be divided. */
  readonly part: Split | undefined;
  readonly sha256: string;
  readonly detail: Detail | undefined;
}

/** Images that show the same. */
export interface Duplicates {
  /** `same`: pixel for pixel. `near`: equal but for compression, size, grey scale or mirroring. */
  readonly kind: 'same' | 'near';
  /** Names of the images. */
  readonly images: readonly string[];
  readonly classes: readonly string[];
  /** How many patients they are said to be of. */
  readonly patients: number;
  readonly parts: readonly Split[];
}

/** Groups of images with the same pixels, then of near-same ones, where of equal images only the first is compared. */
export function findDuplicates(images: readonly ComparedImage[]): Duplicates[] {
  const byDigest = new Map<string, number[]>();
  images.forEach(({ sha256 }, i) => {
    const others = byDigest.get(sha256);
    if (others === undefined) byDigest.set(sha256, [i]);
    else others.push(i);
  });
  const same = [...byDigest.values()].filter((group) => group.length > 1);
  const firsts = [...byDigest.values()].map((group) => group[0] as number);
  const near = findNearSame(firsts.map((i) => images[i]?.detail)).map((group) =>
    group.map((place) => firsts[place] as number),
  );
  const describe = (kind: Duplicates['kind'], group: readonly number[]): Duplicates => {
    const members = group.map((i) => images[i] as ComparedImage);
    return {
      kind,
      images: members.map(({ sample }) => sample.name),
      classes: distinct(members.map(({ className }) => className)),
      // An image without a patient is on its own.
      patients: distinct(members.map(({ sample }) => sample.patient ?? `image ${sample.name}`)).length,
      parts: distinct(members.map(({ part }) => part).filter((part) => part !== undefined)),
    };
  };
  return [...same.map((group) => describe('same', group)), ...near.map((group) => describe('near', group))];
}

/** Images named in a message. */
const NAMED = 4;
/** Errors listed one by one. */
const LISTED = 20;

/**
 * Reports duplicates: the same pixels in two parts are an error, as the one then tells nothing of how well the other is
 * learnt; other duplicates of the same pixels, and near-same images of several parts, classes or patients, are warnings.
 */
export function reportDuplicates(
  duplicates: readonly Duplicates[],
  place: { readonly file: string },
  issues: IssueList,
): void {
  const leaks = duplicates.filter(({ kind, parts }) => kind === 'same' && parts.length > 1);
  for (const leak of leaks.slice(0, LISTED)) {
    issues.error(`${describeGroup(leak)}; give them one patient, or remove all but one from the set`, place);
  }
  if (leaks.length > LISTED) issues.error(`and ${leaks.length - LISTED} more images in several parts`, place);
  for (const group of duplicates) {
    if (leaks.includes(group)) continue;
    const { kind, classes, patients, parts } = group;
    if (kind === 'near' && classes.length === 1 && patients === 1 && parts.length < 2) continue;
    issues.warning(kind === 'same' ? 'equal images' : 'near-same images', describeGroup(group), place);
  }
}

function describeGroup({ kind, images, classes, patients, parts }: Duplicates): string {
  const named = images.slice(0, NAMED).map((name) => `"${name}"`);
  const rest = images.length > NAMED ? [`${images.length - NAMED} more`] : [];
  const odd = [
    ...(parts.length > 1 ? [`are in the parts ${joined(parts)}`] : []),
    ...(classes.length > 1 ? [`are labelled ${joined(classes.map((name) => `"${name}"`))}`] : []),
    ...(patients > 1 ? [`count as ${patients} patients`] : []),
  ];
  const what = kind === 'same' ? 'have the same pixels' : 'look the same';
  return `${joined([...named, ...rest])} ${what}${odd.length === 0 ? '' : `, and ${joined(odd)}`}`;
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
