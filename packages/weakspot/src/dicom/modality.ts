import type { DicomDataSet } from './dataset.js';
import { placesOf } from './groups.js';
import type { LookupTable } from './lut.js';
import { readTable } from './lut.js';

/** What stored values mean (PS3.3 C.11.1): themselves, `slope * value + intercept`, or the entry of a table. */
export type Modality =
  | { readonly kind: 'identity' }
  | { readonly kind: 'linear'; readonly slope: number; readonly intercept: number }
  | { readonly kind: 'table'; readonly table: LookupTable };

/**
 * The modality transformation of a frame. A rescale that is no number, or whose slope is 0, is left out.
 *
 * @param index From 0.
 */
export function readModality(dataSet: DicomDataSet, signed: boolean, index: number): Modality {
  for (const place of placesOf(dataSet, 'PixelValueTransformationSequence', index)) {
    const [item] = place.items('ModalityLUTSequence');
    const table = item && readTable(item, ['LUTDescriptor', 'LUTData'], signed);
    if (table !== undefined) return { kind: 'table', table };
    const [slope = 1, intercept = 0] = [place.number('RescaleSlope'), place.number('RescaleIntercept')];
    if (slope !== 0 && (slope !== 1 || intercept !== 0)) return { kind: 'linear', slope, intercept };
  }
  return { kind: 'identity' };
}

/** The lowest and highest value that stored values of a range become. */
export function modalityRange(modality: Modality, [lowest, highest]: readonly [number, number]): [number, number] {
  if (modality.kind === 'identity') return [lowest, highest];
  if (modality.kind === 'table') {
    const sorted = modality.table.entries.toSorted();
    return [sorted[0] as number, sorted.at(-1) as number];
  }
  const { slope, intercept } = modality;
  const ends = [slope * lowest + intercept, slope * highest + intercept] as const;
  return [Math.min(...ends), Math.max(...ends)];
}
