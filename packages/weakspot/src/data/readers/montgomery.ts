import type { LabelledFile } from '../dataset.js';
import type { Reading } from './nlm.js';
import { labelOfName, nlmNaming, readConsensus, readReadings, recognisesNlm, TUBERCULOSIS } from './nlm.js';
import { findImages } from './found-images.js';
import type { DatasetReader } from './reader.js';

const PREFIX = 'MCUCXR';

/**
 * Montgomery County chest radiographs: 138 postero-anterior images, 58 of them with tuberculosis. The manual masks
 * published with it outline the lungs, not lesions, and are left alone; ground truth is the radiologists' consensus boxes,
 * where `montgomery_consensus_roi.csv` is there.
 *
 * A few patients have several images: their readings say `same pt as MCUCXR_0113_1`.
 */
export const montgomery: DatasetReader<'montgomery'> = {
  format: 'montgomery',
  title: 'Montgomery County chest X-ray set',

  recognises: (listing) => recognisesNlm(listing, PREFIX),

  async read(listing, { images: folder, signal }, issues) {
    const naming = nlmNaming(PREFIX);
    const images = await findImages(listing, folder, naming, issues);
    const readings = await readReadings(listing, naming, images, issues, signal);
    const patients = patientsOf(readings);
    const files = [...images].map(([id, image]): LabelledFile => ({
      ...image,
      label: labelOfName(id),
      patient: patients.get(id) ?? id,
      split: undefined,
      line: undefined,
      view: 'PA',
    }));
    return { files, truth: await readConsensus(listing, images, naming, issues), positive: TUBERCULOSIS };
  },
};

/** Patient by image where readings name an image of the same patient: the first of the images that belong together. */
function patientsOf(readings: readonly Reading[]): Map<string, string> {
  const patients = new Map<string, string>();
  for (const { id, findings } of readings) {
    const other = /same (?:pt|patient) as (MCUCXR_\d{4}_[01])/i.exec(findings.join(' '))?.[1]?.toUpperCase();
    if (other === undefined) continue;
    const [first, second] = [patients.get(other) ?? other, patients.get(id) ?? id].toSorted() as [string, string];
    for (const member of [id, other]) patients.set(member, first);
    for (const [member, patient] of patients) if (patient === second) patients.set(member, first);
  }
  return patients;
}
