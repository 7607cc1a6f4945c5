/**
 * Names of the readers' formats. Where several recognise a folder, the first one reads it: the particular before the
 * general.
 */
export const readerFormats = [
  'tbx11k',
  'shenzhen',
  'montgomery',
  'jsrt',
  'nih-chestxray14',
  'rsna-pneumonia',
  'vindr-cxr',
  'mias',
  'ddsm',
  'cbis-ddsm',
  'inbreast',
  'vindr-mammo',
  'label-studio',
  'labelme',
  'coco',
  'via',
  'cvat',
  'voc',
  'yolo',
  'boxes-csv',
  'dicom-csv',
  'dicom-seg',
  'one-hot',
  'masks',
] as const;

export type ReaderFormat = (typeof readerFormats)[number];

/** Names of all formats that `readDataset` knows: those of readers, and how a data set can be given besides. */
export const formats: readonly string[] = [...readerFormats, 'table', 'class-folders'];
