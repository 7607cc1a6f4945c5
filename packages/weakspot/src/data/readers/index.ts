import { boxesCsv } from './boxes-csv.js';
import { cbisDdsm } from './cbis-ddsm.js';
import { coco } from './coco.js';
import { cvat } from './cvat.js';
import { ddsm } from './ddsm.js';
import { dicomCsv } from './dicom-csv.js';
import { dicomSeg } from './dicom-seg.js';
import { type ReaderFormat, readerFormats } from './formats.js';
import { inbreast } from './inbreast.js';
import { jsrt } from './jsrt.js';
import { labelStudio } from './label-studio.js';
import { labelme } from './labelme.js';
import { masks } from './masks.js';
import { mias } from './mias.js';
import { montgomery } from './montgomery.js';
import { nihChestXray14 } from './nih-chestxray14.js';
import { oneHot } from './one-hot.js';
import type { DatasetReader } from './reader.js';
import { rsnaPneumonia } from './rsna-pneumonia.js';
import { shenzhen } from './shenzhen.js';
import { tbx11k } from './tbx11k.js';
import { viaProject } from './via-project.js';
import { vindrCxr } from './vindr-cxr.js';
import { vindrMammo } from './vindr-mammo.js';
import { voc } from './voc.js';
import { yolo } from './yolo.js';

export type { DatasetReader, FolderListing, FoundDataset, ReaderOptions } from './reader.js';

const table: { readonly [F in ReaderFormat]: DatasetReader<F> } = {
  tbx11k,
  shenzhen,
  montgomery,
  jsrt,
  'nih-chestxray14': nihChestXray14,
  'rsna-pneumonia': rsnaPneumonia,
  'vindr-cxr': vindrCxr,
  mias,
  ddsm,
  'cbis-ddsm': cbisDdsm,
  inbreast,
  'vindr-mammo': vindrMammo,
  'label-studio': labelStudio,
  labelme,
  coco,
  via: viaProject,
  cvat,
  voc,
  yolo,
  'boxes-csv': boxesCsv,
  'dicom-csv': dicomCsv,
  'dicom-seg': dicomSeg,
  'one-hot': oneHot,
  masks,
};

/** All readers, in the order in which they are asked. */
export const readers: readonly DatasetReader[] = readerFormats.map((format) => table[format]);
