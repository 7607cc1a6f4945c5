import { join } from 'node:path';
import { isDicom, readDataSet } from '../../dicom/index.js';
import { AnnotatedSet } from './annotated-set.js';
import { maybeDicom } from '../files.js';
import { readDicomHeaders } from './dicom-headers.js';
import { readDicomMarks } from './dicom-marks.js';
import { firstBytes } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';

const HEAD = 65536;
/** Looked at of a report for graphics. */
const REPORT = 2 ** 20;
/** Files that are looked at before a folder counts as one without annotations. */
const LOOKED_AT = 64;

/**
 * DICOM images with their annotations as DICOM objects in the same folder: Segmentations (SEG) and Structured Reports (SR)
 * with spatial coordinates, each matched to its image by the SOP Instance UID that it refers to. An image with a segment that
 * has a pixel, or with a graphic, is positive, and each other image a negative. Of an image with several frames the one with
 * most marks is taken, else the first. A patient is called by a hash of the Patient ID.
 */
export const dicomSeg: DatasetReader<'dicom-seg'> = {
  format: 'dicom-seg',
  title: 'DICOM images with SEG or SR',

  async recognises(listing) {
    if (listing.start !== undefined) return false;
    for (const name of likely(listing)) if (await isAnnotation(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const headers = await readDicomHeaders(listing, options.images, options.signal, issues);
    const images = headers.filter(({ kind }) => kind === 'image');
    const set = new AnnotatedSet(listing.root, images, options.positive, issues);
    const marks = await readDicomMarks(headers, options.signal, issues, true);
    if (images.length === 0) issues.error('there is no DICOM image', { file: listing.root });
    for (const image of images) {
      const { patient, view, path } = image;
      set.add(image, { ...marks.on(image), patient, view, place: { file: path } });
    }
    marks.reportMissing();
    return set.result();
  },
};

/** Names that say what the file is come first, then files of as many folders as there are. */
function likely({ files }: FolderListing): readonly string[] {
  const candidates = files.filter(maybeDicom);
  const named = candidates.filter((name) =>
    /(^|[^a-z])(seg|sr|segmentations?|annotations?|reports?)([^a-z]|$)/i.test(name),
  );
  const folders = new Set<string>();
  const firsts = candidates.filter((name) => {
    const folder = name.split('/').slice(0, -1).join('/');
    return !folders.has(folder) && folders.add(folder);
  });
  return [...new Set([...named.slice(0, LOOKED_AT / 2), ...firsts.slice(0, LOOKED_AT / 2), ...candidates])].slice(
    0,
    LOOKED_AT,
  );
}

async function isAnnotation(path: string): Promise<boolean> {
  const head = await firstBytes(path, HEAD);
  if (!isDicom(head)) return false;
  try {
    const modality = readDataSet(head, path).string('Modality');
    if (modality !== 'SR') return modality === 'SEG';
    // Other reports, such as of dose, have no graphics.
    return Buffer.from(await firstBytes(path, REPORT)).includes('SCOORD');
  } catch {
    return false;
  }
}
