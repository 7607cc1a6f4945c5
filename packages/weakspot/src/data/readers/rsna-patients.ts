import { z } from 'zod';
import type { IssueList } from '../issues.js';
import { readJson } from './json-file.js';

const mapping = z.array(z.looseObject({ subset_img_id: z.string(), img_id: z.string() }));

/**
 * Patient by image of the RSNA Pneumonia Detection Challenge, from the mapping to NIH ChestX-ray14 that was published with
 * it (`pneumonia-challenge-dataset-mappings_2018.json`): there an image is named after its patient, `00000013_005.png`.
 * Problems go to `issues`; then no patient is known.
 */
export async function readRsnaPatients(file: string, issues: IssueList): Promise<ReadonlyMap<string, string>> {
  const rows = (await readJson(file, mapping, issues)) ?? [];
  return new Map(rows.map((row) => [row.subset_img_id, row.img_id.replace(/_.*$/, '')]));
}
