import type { BoxRegion } from '@weakspot/core';
import type { CsvRow } from '../csv.js';
import { readCsv } from '../csv.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { boxOfEdges } from './box-cells.js';

export const NO_FINDING = 'No finding';

/** The findings of VinDr-CXR: 22 that are marked with boxes, five of the whole image, and none. */
const FINDINGS = [
  'Aortic enlargement',
  'Atelectasis',
  'Calcification',
  'Cardiomegaly',
  'Clavicle fracture',
  'Consolidation',
  'Edema',
  'Emphysema',
  'Enlarged PA',
  'ILD',
  'Infiltration',
  'Lung Opacity',
  'Lung cavity',
  'Lung cyst',
  'Mediastinal shift',
  'Nodule/Mass',
  'Other lesion',
  'Pleural effusion',
  'Pleural thickening',
  'Pneumothorax',
  'Pulmonary fibrosis',
  'Rib fracture',
  'COPD',
  'Lung tumor',
  'Pneumonia',
  'Tuberculosis',
  'Other disease',
  NO_FINDING,
] as const;
/** The training table's name for what the test table calls `Other disease`. */
const OTHER_DISEASES = 'Other diseases';
const EDGES = ['x_min', 'y_min', 'x_max', 'y_max'] as const;

/** What its readers say of an image. */
interface Opinion {
  readers: number;
  /** Readers by finding. */
  readonly votes: Map<string, number>;
  /** Of the first reader's row. */
  readonly place: IssuePlace;
}

export interface Opinions {
  /** Findings that the table has a column of. */
  readonly findings: ReadonlySet<string>;
  readonly images: ReadonlyMap<string, Opinion>;
}

/** A box that a reader drew. */
export interface MarkedBox {
  readonly id: string;
  readonly finding: string;
  readonly region: BoxRegion;
  readonly place: IssuePlace;
}

/** Reads `image_labels_train.csv`, a row per image and reader, or `image_labels_test.csv`, a row per image. */
export async function readImageLabels(file: string, issues: IssueList): Promise<Opinions> {
  const columns = [...FINDINGS, OTHER_DISEASES].map((finding) => [finding.toLowerCase(), finding] as const);
  const names = columns.map(([column]) => column);
  const rows: readonly CsvRow<string>[] = await readCsv<string>(file, ['image_id'], ['rad_id', ...names], issues);
  const images = new Map<string, Opinion>();
  const findings = new Set<string>();
  const readers = new Map<string, number>();
  for (const { line, cells } of rows) {
    const place = { file, line };
    const id = cells['image_id'] as string;
    const who = `${id} ${cells['rad_id'] ?? ''}`;
    const before = readers.get(who);
    if (before !== undefined) {
      const message = `image ${id} has a row of the same reader in line ${before}: this one is ignored`;
      issues.warning('repeated rows', message, place);
      continue;
    }
    readers.set(who, line);
    const opinion = images.get(id) ?? { readers: 0, votes: new Map<string, number>(), place };
    images.set(id, opinion);
    opinion.readers++;
    for (const [column, written] of columns) {
      const cell = cells[column];
      if (cell === undefined) continue;
      const value = Number(cell);
      if (value !== 0 && value !== 1) {
        issues.error(`"${cell}" is neither 0 nor 1`, { ...place, field: written });
        continue;
      }
      const finding = nameOf(written);
      findings.add(finding);
      if (value === 1) opinion.votes.set(finding, (opinion.votes.get(finding) ?? 0) + 1);
    }
  }
  if (rows.length > 0 && findings.size === 0) {
    issues.error('the table has no column of a finding of this set', { file, line: 1 });
  }
  return { findings, images };
}

/** Reads `annotations_train.csv` or `annotations_test.csv`: a row per box, and one without a box where nothing was found. */
export async function readMarks(file: string, issues: IssueList): Promise<MarkedBox[]> {
  const rows = await readCsv(file, ['image_id', 'class_name'], EDGES, issues);
  return rows.flatMap((row): MarkedBox[] => {
    const { image_id: id, class_name: finding } = row.cells as { image_id: string; class_name: string };
    if (finding === NO_FINDING || EDGES.every((edge) => row.cells[edge] === undefined)) return [];
    const place = { file, line: row.line };
    const region = boxOfEdges(row, EDGES, place, issues);
    return region === undefined ? [] : [{ id, finding: nameOf(finding), region, place }];
  });
}

function nameOf(finding: string): string {
  return finding === OTHER_DISEASES ? 'Other disease' : finding;
}
