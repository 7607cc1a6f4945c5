/**
 * How stored values are to be shown (DICOM PS3.3 C.11.2): a window, or a table. `linear`, `linear-exact` and `sigmoid` are
 * the VOI LUT functions of PS3.3 C.11.2.1.2 and C.11.2.1.3.
 */
export type Voi =
  | {
      readonly kind: 'linear' | 'linear-exact' | 'sigmoid';
      /** In values after the modality LUT. */
      readonly center: number;
      /** At least 1 for `linear`, more than 0 for the others. */
      readonly width: number;
      readonly explanation?: string;
    }
  | {
      readonly kind: 'table';
      /** The value that the table's first entry is for; lower values get it too, values beyond the table the last. */
      readonly first: number;
      readonly entries: Uint16Array | Uint8Array;
      /** The entry that is white. */
      readonly highest: number;
      readonly explanation?: string;
    };

/** What a value is shown as: 0 (black, before an inversion) to 1. NaN stays NaN. */
export function applyVoi(voi: Voi, value: number): number {
  if (voi.kind === 'table') {
    const { first, entries, highest } = voi;
    const index = Math.min(Math.max(Math.round(value) - first, 0), entries.length - 1);
    return Number.isNaN(value) ? value : (entries[index] as number) / highest;
  }
  const { kind, center, width } = voi;
  if (kind === 'sigmoid') return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const shown = kind === 'linear-exact' ? (value - center) / width + 0.5 : linear(value, center, width);
  return Math.min(Math.max(shown, 0), 1);
}

function linear(value: number, center: number, width: number): number {
  // A window of one value is a step, which the formula would divide by zero.
  if (width <= 1) return value > center - 0.5 ? 1 : 0;
  return (value - (center - 0.5)) / (width - 1) + 0.5;
}
