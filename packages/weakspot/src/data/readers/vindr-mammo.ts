import { join } from 'node:path';
import type { BoxRegion } from '@weakspot/core';
import { numberIn, readCsv } from '../csv.js';
import type { Split } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { ImageSize } from '../image.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { biradsOf, isSuspicious, SUSPICIOUS } from './birads.js';
import { boxOfEdges } from './box-cells.js';
import type { FindingChoice } from './findings.js';
import { chooseFinding } from './findings.js';
import type { ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages, stemOf, withoutLoneTraining } from './found-images.js';
import type { DatasetReader } from './reader.js';
import { sizeOf } from './xml-numbers.js';

const BREASTS = /(^|\/)breast-level_annotations\.csv$/i;
const FINDINGS = /(^|\/)finding_annotations\.csv$/i;
const NO_FINDING = 'No Finding';
const EDGES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;
const SPLITS: ReadonlyMap<string, Split> = new Map([
  ['training', 'train'],
  ['test', 'test'],
]);

const naming: ImageNaming = {
  idOf: (name) => (/^[\da-f]{32}$/i.test(stemOf(name)) ? stemOf(name).toLowerCase() : undefined),
};

/**
 * VinDr-Mammo: 20,000 full-field digital mammograms of 5,000 examinations, with a BI-RADS assessment of each breast and boxes
 * of the findings that are not benign (Nguyen et al., Scientific Data 10, 277, 2023). Suspicious is BI-RADS 4 and 5 of the
 * breast. Patients are not published; images of one examination are kept together.
 */
export const vindrMammo: DatasetReader<'vindr-mammo'> = {
  format: 'vindr-mammo',
  title: 'VinDr-Mammo',

  recognises: ({ files }) => files.some((name) => BREASTS.test(name)),

  async read(listing, options, issues) {
    const { root, files } = listing;
    const [breasts, findings] = [BREASTS, FINDINGS].map((pattern) => files.find((name) => pattern.test(name)));
    if (breasts === undefined) {
      issues.error('there is no breast-level_annotations.csv: the labels are in it', { file: root });
      return { files: [], truth: [] };
    }
    const images = await findImages(listing, options.images, naming, issues);
    const views = await readViews(join(root, breasts), issues);
    const marks = findings === undefined ? [] : await readMarks(join(root, findings), issues);
    const byImage = new Map<string, FindingMark[]>();
    for (const mark of marks) byImage.set(mark.id, [...(byImage.get(mark.id) ?? []), mark]);

    const known = new Set([SUSPICIOUS, ...marks.flatMap(({ categories }) => categories)]);
    const choice = chooseFinding(options.positive ?? SUSPICIOUS, known, NO_FINDING);
    const rows = [...views].map(([id, { birads, study, view, split, place }]): LabelledRow => {
      const found = new Set((byImage.get(id) ?? []).flatMap(({ categories }) => categories));
      if (isSuspicious(birads)) found.add(SUSPICIOUS);
      return { id, label: choice.labelOf(found), patient: study, split, view, place };
    });
    const truth = marks.flatMap((mark): RegionRow[] => {
      const [name, view] = [images.get(mark.id)?.name, views.get(mark.id)];
      if (name === undefined || view === undefined || mark.region === undefined) return [];
      if (!counts(mark, view.birads, choice)) return [];
      const { region, place } = mark;
      return [{ name, region, label: undefined, place, ...(view.size === undefined ? {} : { within: view.size }) }];
    });
    return { files: withoutLoneTraining(joinImages(rows, images, root, issues)), truth, positive: choice.positive };
  },
};

/** Of suspicious breasts those findings that are suspicious themselves, and those without an assessment of their own. */
function counts({ categories, birads }: FindingMark, breast: number, choice: FindingChoice): boolean {
  if (choice.positive !== SUSPICIOUS) return categories.some((category) => choice.counts(category));
  return isSuspicious(breast) && (birads === undefined || isSuspicious(birads));
}

interface View {
  /** Of the breast. */
  readonly birads: number;
  readonly study: string;
  /** `L-CC`. */
  readonly view: string;
  readonly split: Split | undefined;
  readonly size: ImageSize | undefined;
  readonly place: IssuePlace;
}

/** Reads `breast-level_annotations.csv`, a row per image, by the image. */
async function readViews(file: string, issues: IssueList): Promise<Map<string, View>> {
  const required = ['study_id', 'image_id', 'laterality', 'view_position', 'breast_birads', 'split'] as const;
  const rows = await readCsv(file, required, ['height', 'width'], issues);
  const views = new Map<string, View>();
  for (const { line, cells, separator } of rows) {
    const place = { file, line };
    const { study_id: study, laterality, view_position: position } = cells as Record<(typeof required)[number], string>;
    const [assessment, part] = [cells.breast_birads as string, cells.split as string];
    const [birads, split] = [biradsOf(assessment), SPLITS.get(part.toLowerCase())];
    const id = (cells.image_id as string).toLowerCase();
    const before = views.get(id);
    if (birads === undefined) {
      issues.error(`"${assessment}" is not a BI-RADS category`, { ...place, field: 'breast_birads' });
    } else if (split === undefined) {
      issues.error(`"${part}" is not a part of this set: it may be training or test`, { ...place, field: 'split' });
    } else if (before !== undefined) {
      issues.error(`image ${id} has a row already, in line ${before.place.line}`, { ...place, field: 'image_id' });
    } else {
      const [width = 0, height = 0] = [cells.width, cells.height].map((cell) => numberIn(cell ?? '', separator));
      views.set(id, { birads, study, view: `${laterality}-${position}`, split, size: sizeOf(width, height), place });
    }
  }
  return views;
}

interface FindingMark {
  readonly id: string;
  /** Without `No Finding`. */
  readonly categories: readonly string[];
  readonly birads: number | undefined;
  readonly region: BoxRegion | undefined;
  readonly place: IssuePlace;
}

/** Reads `finding_annotations.csv`: a row per finding, and one without a box for an image without any. */
async function readMarks(file: string, issues: IssueList): Promise<FindingMark[]> {
  const rows = await readCsv(file, ['image_id', 'finding_categories'], ['finding_birads', ...EDGES], issues);
  return rows.flatMap((row): FindingMark[] => {
    const place = { file, line: row.line };
    const { image_id: id, finding_categories: written } = row.cells as { image_id: string; finding_categories: string };
    const categories = categoriesIn(written).filter((category) => category !== NO_FINDING);
    if (categories.length === 0) return [];
    const hasBox = EDGES.some((edge) => row.cells[edge] !== undefined);
    const region = hasBox ? boxOfEdges(row, EDGES, place, issues) : undefined;
    const birads = biradsOf(row.cells.finding_birads ?? '');
    return [{ id: id.toLowerCase(), categories, birads, region, place }];
  });
}

/** `['Mass', 'Suspicious Calcification']`, a list as Python writes it; or one category. */
function categoriesIn(written: string): string[] {
  if (!written.startsWith('[')) return [written];
  return [...written.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
}
