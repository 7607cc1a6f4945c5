import { readDataSet } from './dataset.js';

/**
 * Width and height of a DICOM image, from the file's beginning or all of it; undefined where they don't stand there.
 *
 * @throws WeakspotError `data` where it is not DICOM.
 */
export function dicomSize(bytes: Uint8Array, file: string): { width: number; height: number } | undefined {
  const dataSet = readDataSet(bytes, file);
  const [width, height] = [dataSet.number('Columns'), dataSet.number('Rows')];
  return width === undefined || height === undefined ? undefined : { width, height };
}
