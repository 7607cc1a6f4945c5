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
 * The modality transformation of a frame: that of the innermost place which states one, be it the identity.
 *
 * @param index From 0.
 * @throws WeakspotError `data` where the rescale is no number, its slope is 0, or the table is damaged.
 */
export function readModality(dataSet: DicomDataSet, signed: boolean, index: number): Modality {
  for (const place of placesOf(dataSet, 'PixelValueTransformationSequence', index)) {
    const [item] = place.items('ModalityLUTSequence');
    const table = item && readTable(item, ['LUTDescriptor', 'LUTData'], signed);
    if (table !== undefined) return { kind: 'table', table };
    const [slope, intercept] = [place.number('RescaleSlope'), place.number('RescaleIntercept')];
    if (slope === 0) throw place.unreadable('RescaleSlope', 'would give all pixels the same value');
    if (slope !== undefined || intercept !== undefined) return linear(slope ?? 1, intercept ?? 0);
  }
  return { kind: 'identity' };
}

function linear(slope: number, intercept: number): Modality {
  return slope === 1 && intercept === 0 ? { kind: 'identity' } : { kind: 'linear', slope, intercept };
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
