import { join } from 'node:path';
import type { LabelledFile, Split } from '../dataset.js';
import { hasImageEnding } from '../files.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { readText } from '../text.js';
import { chooseFinding } from './findings.js';
import type { FoundImage, ImageNaming } from './found-images.js';
import { findImages, stemOf, withoutLoneTraining } from './found-images.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { isLesionFile, readLesionBoxes } from './tbx11k-boxes.js';

const TUBERCULOSIS = 'tuberculosis';
const SICK = 'sick';
const HEALTHY = 'healthy';
const KINDS = ['ActiveTuberculosis', 'ObsoletePulmonaryTuberculosis', 'PulmonaryTuberculosis'] as const;

/** The lists that hold all others of their part; `trainval` is both. */
const LISTS: readonly (readonly [RegExp, Split])[] = [
  [/(^|\/)(TBX11K|all)_train\.txt$/i, 'train'],
  [/(^|\/)(TBX11K|all)_val\.txt$/i, 'validation'],
  [/(^|\/)all_test\.txt$/i, 'test'],
];

const naming: ImageNaming = {
  idOf: (name) => (findingsOf(name) === undefined ? undefined : idOf(name)),
  // Their labels are withheld.
  isOther: (name) => /^unknown_\d+$/i.test(stemOf(name)),
};

/**
 * TBX11K (Liu et al., CVPR 2020): 11,200 chest radiographs reduced to 512 x 512, healthy, sick with something else, or with
 * tuberculosis; 1,211 boxes on the latter. Besides come images of other sets (`imgs/extra`), labelled but without boxes.
 *
 * The positive class is `tuberculosis` against all others; it may also be `sick`, `finding`, or one of the boxes' names,
 * such as `ActiveTuberculosis`: then images with tuberculosis but without boxes are left out, as theirs is not known.
 */
export const tbx11k: DatasetReader<'tbx11k'> = {
  format: 'tbx11k',
  title: 'TBX11K',

  recognises: ({ files }) =>
    files.some((name) => isLesionFile(name) || /(^|\/)TBX11K_(train|val|trainval)\.(txt|json)$/i.test(name)) ||
    hasFolders(files),

  async read(listing, options, issues) {
    const images = await findImages(listing, options.images, naming, issues);
    const boxes = await readLesionBoxes(listing, issues, options.signal);
    const splits = await readLists(listing, issues);
    const positive = options.positive ?? TUBERCULOSIS;
    const choice = chooseFinding(positive, new Set([TUBERCULOSIS, SICK, ...KINDS]), HEALTHY);

    const kinds = new Map<string, Set<string>>();
    for (const { stem, finding } of boxes) kinds.set(stem, (kinds.get(stem) ?? new Set()).add(finding));
    const asksKind = KINDS.some((kind) => kind === positive);
    const files: LabelledFile[] = [];
    const names = new Map<string, string>();
    for (const [id, image] of images) {
      const findings = new Set(findingsOf(image.name));
      for (const kind of kinds.get(stemOf(image.name)) ?? []) findings.add(kind);
      if (asksKind && findings.size === 1 && findings.has(TUBERCULOSIS)) {
        const message = `it has tuberculosis but no box: it is not known whether it is ${positive}: left out`;
        issues.warning('images of unknown tuberculosis', message, { file: image.path });
        continue;
      }
      names.set(stemOf(image.name), image.name);
      files.push(labelled(image, choice.labelOf(findings), splits.get(id)));
    }
    const truth = boxes.flatMap(({ stem, finding, ...box }): RegionRow[] => {
      const name = names.get(stem);
      const counts = positive === TUBERCULOSIS || choice.counts(finding);
      return name === undefined || !counts ? [] : [{ ...box, name, label: finding }];
    });
    return { files: withoutLoneTraining(files), truth, positive: choice.positive };
  },
};

/** Its folders tell it where lists and annotations are not there. */
function hasFolders(files: readonly string[]): boolean {
  const images = files.filter(hasImageEnding);
  const some = (pattern: RegExp): boolean => images.some((name) => pattern.test(name));
  return some(/(^|\/)tb\/tb\d{4}\.\w+$/i) && some(/(^|\/)(health\/h|sick\/s)\d{4}\.\w+$/i);
}

/** `tb0001` or, as names there may repeat, `extra/da+db/train/p1`. */
function idOf(name: string): string {
  const path = name.replace(/\.\w+$/, '');
  const extra = path.lastIndexOf('extra/');
  return extra < 0 ? stemOf(name) : path.slice(extra);
}

/** What the name says; undefined where it is no image of the set. */
function findingsOf(name: string): readonly string[] | undefined {
  const stem = stemOf(name);
  if (/^h\d{4}$/i.test(stem)) return [];
  if (/^s\d{4}$/i.test(stem)) return [SICK];
  if (/^tb\d{4}$/i.test(stem)) return [TUBERCULOSIS];
  if (/^(CHN|MCU)CXR_\d{4}_[01]$/i.test(stem)) return stem.endsWith('1') ? [TUBERCULOSIS] : [];
  const [, sign] = /\/da\+db\/.*\/([np])x?\d+\.\w+$/i.exec(`/${name}`) ?? [];
  if (sign === undefined) return undefined;
  // Of the sets DA and DB: negative or positive.
  return sign.toLowerCase() === 'p' ? [TUBERCULOSIS] : [];
}

function labelled(image: FoundImage, label: string, split: Split | undefined): LabelledFile {
  return { ...image, label, patient: undefined, split, line: undefined };
}

async function readLists({ root, files }: FolderListing, issues: IssueList): Promise<Map<string, Split>> {
  const splits = new Map<string, Split>();
  for (const [pattern, split] of LISTS) {
    for (const name of files.filter((other) => pattern.test(other))) {
      const file = join(root, name);
      const lines = ((await readText(file, issues)) ?? '').split(/\r\n|\n|\r/);
      lines.forEach((written, i) => {
        const id = idOf(written.trim());
        if (id === '') return;
        const other = splits.get(id);
        if (other !== undefined && other !== split) {
          issues.error(`${written.trim()} is also in the list of another part: ${other}`, { file, line: i + 1 });
        }
        splits.set(id, split);
      });
    }
  }
  return splits;
}
