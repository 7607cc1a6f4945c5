import type { CurveSeries } from './curves.js';
import { element, label, textWidth } from './svg.js';

/** Height of a row of the legend, pixels. */
export const LEGEND_ROW = 16;
const fontSize = 11;

/** The legend's entries, those that have a name, as many in a row as fit into `width` pixels. */
export function legendRows(series: readonly CurveSeries[], width: number): CurveSeries[][] {
  const rows: CurveSeries[][] = [];
  let used = Infinity;
  for (const entry of series.filter(({ name }) => name !== '')) {
    if (used + entryWidth(entry) > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(entry);
    used += entryWidth(entry);
  }
  return rows;
}

export function legendRow(
  row: readonly CurveSeries[],
  left: number,
  y: number,
  ink: string,
  colourOf: (series: CurveSeries) => string,
): string {
  let x = left;
  const parts = row.map((series) => {
    const swatch = element('rect', { x, y: y - 5, width: 14, height: 3, fill: colourOf(series) });
    const text = label(x + 19, y, series.name, { 'font-size': fontSize, fill: ink });
    x += entryWidth(series);
    return swatch + text;
  });
  return parts.join('');
}

function entryWidth(series: CurveSeries): number {
  return 34 + textWidth(series.name, fontSize);
}
