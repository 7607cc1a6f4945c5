/** A number in 0..1 as the paper prints it: three decimals without the leading zero, `-` where there is none. */
export function formatScore(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-';
  return value.toFixed(3).replace(/^(-?)0\./, '$1.');
}
