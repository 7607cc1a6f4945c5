import type { Voi } from '@weakspot/core';
import type { Attributes, DicomDataSet } from './dataset.js';
import { placesOf } from './groups.js';
import { readTable } from './lut.js';

const FUNCTIONS: Readonly<Record<string, 'linear' | 'linear-exact' | 'sigmoid'>> = {
  LINEAR: 'linear',
  LINEAR_EXACT: 'linear-exact',
  SIGMOID: 'sigmoid',
};

/**
 * How a frame says it should be shown (PS3.3 C.11.2): the VOI tables, then the windows, as pydicom prefers them, of the
 * innermost place that states any. A window whose width can't be is left out.
 *
 * @param signed Whether values after the modality transformation may be negative: so are then the tables' first values
 * (PS3.3 C.11.2.1.1).
 * @param index Of the frame, from 0.
 * @throws WeakspotError `data` where a window is no number, or a table damaged.
 */
export function readWindows(dataSet: DicomDataSet, signed: boolean, index: number): readonly Voi[] {
  for (const place of placesOf(dataSet, 'FrameVOILUTSequence', index)) {
    const found = [...tables(place, signed), ...windows(place)];
    if (found.length > 0 || place.numbers('WindowCenter').length > 0) return found;
  }
  return [];
}

function tables(place: Attributes, signed: boolean): Voi[] {
  return place.items('VOILUTSequence').flatMap((item): Voi[] => {
    const table = readTable(item, ['LUTDescriptor', 'LUTData'], signed);
    if (table === undefined) return [];
    const { first, entries, bits } = table;
    // Some tables hold more than they say.
    const highest = Math.max(2 ** bits - 1, entries.toSorted().at(-1) ?? 0);
    return [{ kind: 'table', first, entries, highest, ...explained(item.string('LUTExplanation')) }];
  });
}

function windows(place: Attributes): Voi[] {
  const widths = place.numbers('WindowWidth');
  const explanations = place.strings('WindowCenterWidthExplanation');
  const kind = FUNCTIONS[place.string('VOILUTFunction') ?? 'LINEAR'] ?? 'linear';
  return place.numbers('WindowCenter').flatMap((center, i): Voi[] => {
    const width = widths[i] ?? NaN;
    const can = Number.isFinite(center) && Number.isFinite(width) && (kind === 'linear' ? width >= 1 : width > 0);
    return can ? [{ kind, center, width, ...explained(explanations[i]) }] : [];
  });
}

function explained(explanation: string | undefined): { readonly explanation?: string } {
  return explanation === undefined || explanation === '' ? {} : { explanation };
}
