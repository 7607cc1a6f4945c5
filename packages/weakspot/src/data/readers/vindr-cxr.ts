import { join } from 'node:path';
import type { Split } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import { chooseFinding } from './findings.js';
import type { FoundImage, ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages, stemOf, withoutLoneTraining } from './found-images.js';
import { firstBytes } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import type { MarkedBox, Opinions } from './vindr-tables.js';
import { NO_FINDING, readImageLabels, readMarks } from './vindr-tables.js';

const PARTS: readonly Split[] = ['train', 'test'];
const HEADER_BYTES = 1024;

const naming: ImageNaming = {
  idOf: (name) => (/^[\da-f]{32}$/i.test(stemOf(name)) ? stemOf(name) : undefined),
};

/**
 * VinDr-CXR: 18,000 postero-anterior radiographs with 27 findings, 22 of them as boxes (Nguyen et al., Scientific Data 9,
 * 429, 2022). Each training image was read by three radiologists on their own, each test image by five in consensus.
 *
 * An image has a finding where more than half of its readers say so. Boxes of all its readers are ground truth, each as
 * drawn, on the images of the positive class only; two boxes on one spot count no more than one, as a hit is a hit in any.
 */
export const vindrCxr: DatasetReader<'vindr-cxr'> = {
  format: 'vindr-cxr',
  title: 'VinDr-CXR',

  recognises: (listing) => hasTable(listing),

  async read(listing, options, issues) {
    const { root } = listing;
    const images = await findImages(listing, options.images, naming, issues);
    const parts: { part: Split; opinions: Opinions; marks: readonly MarkedBox[] }[] = [];
    for (const part of PARTS) parts.push({ part, ...(await readPart(listing, part, issues)) });

    const known = new Set(parts.flatMap(({ opinions }) => [...opinions.findings]));
    known.delete(NO_FINDING);
    const choice = chooseFinding(options.positive, known, NO_FINDING);
    const labels = new Map<string, string>();
    const rows = parts.flatMap(({ part, opinions }) =>
      [...opinions.images].map(([id, { readers, votes, place }]): LabelledRow => {
        const findings = new Set([...votes].filter(([, count]) => 2 * count > readers).map(([finding]) => finding));
        // Readers may agree that something is there and not on what.
        const nothing = findings.delete(NO_FINDING);
        if (!nothing && findings.size === 0) findings.add('');
        const label = choice.labelOf(findings);
        labels.set(id, label);
        return { id, label, patient: undefined, split: part, view: 'PA', place };
      }),
    );
    const wanted = ({ id, finding }: MarkedBox): boolean =>
      choice.counts(finding) && labels.get(id) === choice.positive && images.has(id);
    const truth = parts
      .flatMap(({ marks }) => marks.filter(wanted))
      .map(({ id, finding, region, place }): RegionRow => {
        const { name } = images.get(id) as FoundImage;
        return { name, region, label: finding, place };
      });
    const files = withoutLoneTraining(joinImages(rows, images, root, issues));
    return { files, truth, positive: choice.positive };
  },
};

/** Told by a finding of its own: tables of the same names come with VinDr-PCXR, of children. */
async function hasTable({ root, files }: FolderListing): Promise<boolean> {
  for (const part of PARTS) {
    const table = tableOf(files, 'image_labels', part);
    if (table === undefined) continue;
    const header = new TextDecoder().decode(await firstBytes(join(root, table), HEADER_BYTES));
    if (/aortic enlargement/i.test(header)) return true;
  }
  return false;
}

function tableOf(files: readonly string[], what: 'image_labels' | 'annotations', part: Split): string | undefined {
  const pattern = new RegExp(`(^|/)${what}_${part}\\.csv$`, 'i');
  return files.find((name) => pattern.test(name));
}

async function readPart(
  { root, files }: FolderListing,
  part: Split,
  issues: IssueList,
): Promise<{ opinions: Opinions; marks: readonly MarkedBox[] }> {
  const labels = tableOf(files, 'image_labels', part);
  const annotations = tableOf(files, 'annotations', part);
  const opinions =
    labels === undefined
      ? { findings: new Set<string>(), images: new Map() }
      : await readImageLabels(join(root, labels), issues);
  const marks = annotations === undefined ? [] : await readMarks(join(root, annotations), issues);
  return { opinions, marks };
}
