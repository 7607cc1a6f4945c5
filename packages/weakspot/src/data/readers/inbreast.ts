import { join } from 'node:path';
import { readCsv } from '../csv.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { biradsOf, isSuspicious, SUSPICIOUS } from './birads.js';
import type { FindingChoice } from './findings.js';
import { chooseFinding } from './findings.js';
import type { ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages, stemOf } from './found-images.js';
import type { InbreastMark } from './inbreast-rois.js';
import { INBREAST_FINDINGS, readInbreastRois, UNNAMED } from './inbreast-rois.js';
import { mapReporting } from './map-reporting.js';
import type { DatasetReader, FolderListing } from './reader.js';

const TABLE = /(^|\/)inbreast\.csv$/i;
const SHEET = /(^|\/)inbreast\.xlsx?$/i;
/** Number of the image, a hash of the patient, side and view: `20586908_6c613a14b80a8591_MG_R_CC_ANON.dcm`. */
const IMAGE = /^(\d{8})(?:_([\da-f]{8,32})_MG_[LR]_[A-Z]+_ANON)?$/i;
/** Benign as a rule beside anything else. */
const SINGLE: readonly string[] = ['calcification', UNNAMED];
/** Annotations read at once. */
const CONCURRENCY = 16;

const naming: ImageNaming = {
  idOf: (name) => IMAGE.exec(stemOf(name))?.[1],
  isOther: (name) => /(^|\/)[^/]*(masks?|pectoral)[^/]*\//i.test(name),
};

/**
 * INbreast: 410 full-field digital mammograms of 115 women, each with a BI-RADS assessment and outlines of all findings
 * (Moreira et al., Academic Radiology 19(2), 2012). Suspicious is BI-RADS 4 to 6.
 *
 * Patients are told by the images' published names; of images that were renamed to their numbers they are not known.
 */
export const inbreast: DatasetReader<'inbreast'> = {
  format: 'inbreast',
  title: 'INbreast',

  recognises: ({ files }) => files.some((name) => TABLE.test(name) || SHEET.test(name)),

  async read(listing, options, issues) {
    const { root, files } = listing;
    const table = files.find((name) => TABLE.test(name));
    if (table === undefined) {
      const sheet = files.find((name) => SHEET.test(name));
      const advice = 'there is no INbreast.csv: it comes with the set; or save INbreast.xls as CSV of that name';
      issues.error(advice, { file: sheet === undefined ? root : join(root, sheet) });
      return { files: [], truth: [] };
    }
    const images = await findImages(listing, options.images, naming, issues);
    const cases = await readCases(join(root, table), issues);
    const marks = await readMarks(listing, options.signal, issues);
    const used = [...marks.values()].flat().map(({ finding }) => finding);
    const known = new Set([SUSPICIOUS, ...INBREAST_FINDINGS, ...used]);
    const choice = chooseFinding(options.positive ?? SUSPICIOUS, known, 'no finding');
    const rows = [...cases].map(([id, { birads, view, place }]): LabelledRow => {
      const findings = new Set((marks.get(id) ?? []).map(({ finding }) => finding));
      if (isSuspicious(birads)) findings.add(SUSPICIOUS);
      const patient = IMAGE.exec(stemOf(images.get(id)?.name ?? ''))?.[2];
      return { id, label: choice.labelOf(findings), patient, split: undefined, view, place };
    });
    const unknown = rows.filter(({ id, patient }) => patient === undefined && images.has(id)).length;
    if (unknown > 0) {
      const message = `the patients of ${unknown} images are not known, because the images were renamed: images of one woman may be in several parts`;
      issues.warning('images of unknown patients', message, { file: root });
    }
    const truth = [...marks].flatMap(([id, all]): RegionRow[] => {
      const name = images.get(id)?.name;
      const { birads } = cases.get(id) ?? {};
      if (name === undefined || birads === undefined) return [];
      return counted(all, birads, choice).map(({ region, place }) => ({ name, region, label: undefined, place }));
    });
    return { files: joinImages(rows, images, root, issues), truth, positive: choice.positive };
  },
};

/**
 * The marks of the positive class. An assessment is of an image, not of a mark: of suspicious images all marks count, but for
 * single calcifications, and marks without a name, where something else is marked.
 */
function counted(marks: readonly InbreastMark[], birads: number, choice: FindingChoice): readonly InbreastMark[] {
  if (choice.positive !== SUSPICIOUS) return marks.filter(({ finding }) => choice.counts(finding));
  if (!isSuspicious(birads)) return [];
  const others = marks.filter(({ finding }) => !SINGLE.includes(finding));
  return others.length > 0 ? others : marks;
}

interface Case {
  readonly birads: number;
  /** `L-CC`. */
  readonly view: string;
  readonly place: IssuePlace;
}

/** By the number of the image. Of patients the table says nothing; their age and dates are not read. */
async function readCases(file: string, issues: IssueList): Promise<Map<string, Case>> {
  const cases = new Map<string, Case>();
  for (const { line, cells } of await readCsv(file, ['file name', 'laterality', 'view', 'bi-rads'], [], issues)) {
    const place = { file, line };
    const { 'file name': id, laterality, view, 'bi-rads': assessment } = cells as Record<keyof typeof cells, string>;
    const birads = biradsOf(assessment);
    const before = cases.get(id);
    if (birads === undefined) {
      issues.error(`"${assessment}" is not a BI-RADS category`, { ...place, field: 'bi-rads' });
    } else if (before !== undefined) {
      issues.error(`image ${id} has a row already, in line ${before.place.line}`, { ...place, field: 'file name' });
    } else cases.set(id, { birads, view: `${laterality}-${view}`, place });
  }
  return cases;
}

/** By the number of the image, which the files of annotations are named after. */
async function readMarks(
  { root, files }: FolderListing,
  signal: AbortSignal | undefined,
  issues: IssueList,
): Promise<Map<string, readonly InbreastMark[]>> {
  const names = files.filter((name) => /(^|\/)AllXML\/\d{8}\.xml$/i.test(name));
  const marks = await mapReporting(
    names,
    CONCURRENCY,
    issues,
    (name, own) => readInbreastRois(join(root, name), own),
    signal,
  );
  return new Map(names.map((name, i) => [stemOf(name), marks[i] ?? []]));
}
