import type { Sample, Split } from './dataset.js';
import { IssueList } from './issues.js';

/** Samples that must stay together: one patient's, copies of one image, or one image on its own. */
export interface Group {
  /** Of the patient or image that comes first by name. */
  readonly id: string;
  /** Indices into the samples, ascending. */
  readonly members: readonly number[];
}

/** Names of samples whose files are the same bytes, two at least a list. */
export type Copies = readonly (readonly string[])[];

/**
 * The groups in an order of their own, by id, whatever the samples' order. Copies of one image join their patients: what
 * is learnt of one would be known of the other.
 */
export function groupsOf(samples: readonly Sample[], copies: Copies): Group[] {
  const identity = ({ patient, name }: Sample): string =>
    patient === undefined ? `image ${name}` : `patient ${patient}`;
  const identities = new Map(samples.map((sample) => [sample.name, identity(sample)]));
  const joined = joinIdentities(copies.map((names) => names.flatMap((name) => identities.get(name) ?? [])));
  const members = collect([...samples.keys()], (index) => {
    const id = identity(samples[index] as Sample);
    return joined.get(id) ?? id;
  });
  return [...members].map(([id, indices]) => ({ id, members: indices })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The first identity of each set of connected ones, by each of them. */
function joinIdentities(links: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  const root = (id: string): string => {
    let at = id;
    for (let up = parents.get(at); up !== undefined; up = parents.get(at)) at = up;
    return at;
  };
  for (const ids of links) {
    const roots = [...new Set(ids.map(root))].toSorted();
    for (const other of roots.slice(1)) parents.set(other, roots[0] as string);
  }
  return new Map([...parents.keys()].map((id) => [id, root(id)]));
}

/** The groups by the set of labels that their images carry, in a fixed order. */
export function strataOf(samples: readonly Sample[], groups: readonly Group[]): Group[][] {
  const strata = collect(groups, (group) => {
    const labels = new Set(group.members.map((index) => samples[index]?.label as number));
    return [...labels].toSorted((a, b) => a - b).join();
  });
  return [...strata].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, stratum]) => stratum);
}

/**
 * The split that the samples of a group have of their own; undefined where they have none.
 *
 * @throws WeakspotError `data` naming every pair of images of one patient, and every pair of copies, that have different
 * splits.
 */
export function givenSplits(
  samples: readonly Sample[],
  groups: readonly Group[],
  copies: Copies,
): ReadonlyMap<Group, Split> {
  const issues = new IssueList();
  const given = new Map<Group, Split>();
  const copySets = new Map(copies.flatMap((names, i) => names.map((name): [string, number] => [name, i])));
  for (const group of groups) {
    const members = group.members.map((index) => samples[index] as Sample);
    const splits = new Set(members.flatMap(({ split }) => split ?? []));
    for (const split of splits) given.set(group, split);
    if (splits.size < 2) continue;
    const found =
      reportPairs(members, ({ patient }) => patient, 'they are of one patient', issues) +
      reportPairs(members, ({ name }) => copySets.get(name), 'they are the same image', issues);
    if (found === 0) reportPairs(members, () => group, 'copies of one image connect their patients', issues);
  }
  issues.throwIfErrors('the split', LEAK_HINT);
  return given;
}

const LEAK_HINT =
  'Put all images of one patient, and all copies of one image, into one part, or let "weakspot split" divide them again.';

/** Reports the first two samples of each key that have different splits, by their files: a patient is never named. */
function reportPairs(
  samples: readonly Sample[],
  keyOf: (sample: Sample) => unknown,
  reason: string,
  issues: IssueList,
): number {
  const first = new Map<unknown, Sample>();
  const reported = new Set<unknown>();
  for (const sample of samples) {
    const key = keyOf(sample);
    if (key === undefined || sample.split === undefined || reported.has(key)) continue;
    const other = first.get(key);
    if (other === undefined) first.set(key, sample);
    else if (other.split !== sample.split) {
      reported.add(key);
      const message = `"${sample.name}" is in ${sample.split}, "${other.name}" in ${other.split}: ${reason}`;
      issues.error(message, { file: sample.path });
    }
  }
  return reported.size;
}

/** The items by key, keys and items in the order of their coming. */
function collect<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const collected = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const list = collected.get(key);
    if (list === undefined) collected.set(key, [item]);
    else list.push(item);
  }
  return collected;
}
