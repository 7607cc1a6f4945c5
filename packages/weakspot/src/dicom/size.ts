import { readDataSet } from './dataset.js';

/**
 * Width and height of a DICOM image, from the file's beginning or all of it; undefined where they don't stand there.
 *
 * @throws WeakspotError `data` where it is not DICOM, or they can't be read.
 */
export function dicomSize(bytes: Uint8Array, file: string): { width: number; height: number } | undefined {
  const dataSet = readDataSet(bytes, file);
  const [width, height] = [dataSet.number('Columns'), dataSet.number('Rows')];
  return width === undefined || height === undefined ? undefined : { width, height };
}

/**
 * How many frames a DICOM image says it has, from the file's beginning or all of it; undefined where its size, which follows
 * their number, doesn't stand there.
 *
 * @throws WeakspotError `data` where it is not DICOM, or it can't be read.
 */
export function dicomFrames(bytes: Uint8Array, file: string): number | undefined {
  const dataSet = readDataSet(bytes, file);
  return dataSet.has('Rows') ? (dataSet.number('NumberOfFrames') ?? 1) : undefined;
}
