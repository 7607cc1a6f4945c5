import { element, label, svgDocument, textWidth, wrapText } from './svg.js';

export interface ContactSheetOptions {
  /** Headers, one per column of pictures. */
  readonly columns: readonly string[];
  /** Each row's pictures, in the order of the columns, as PNG files; an empty array leaves a cell blank. */
  readonly rows: readonly { readonly label: string; readonly cells: readonly Uint8Array[] }[];
  /** Room for each picture in pixels; pictures keep their proportions and are centred in it. */
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** A sentence or more below the pictures. */
  readonly caption?: string;
}

const gap = 6;
const fontSize = 13;
const ink = '#222222';

/**
 * A contact sheet, such as films in rows and methods in columns: a stand-alone SVG with the pictures inside it as
 * `data:` URIs and the labels as text, so that it needs no other file and no font to write.
 */
export function contactSheetSvg(options: ContactSheetOptions): string {
  const { columns, rows, cellWidth, cellHeight, caption = '' } = options;
  const labels = Math.max(0, ...rows.map((row) => textWidth(row.label, fontSize)));
  const left = labels === 0 ? gap : labels + 3 * gap;
  const top = columns.some((name) => name !== '') ? 28 : gap;
  const columnCount = Math.max(columns.length, ...rows.map((row) => row.cells.length));
  const width = Math.ceil(left + columnCount * (cellWidth + gap));
  const bottom = top + rows.length * (cellHeight + gap);
  const lines = wrapText(caption, width - 2 * gap, fontSize);
  const height = bottom + (lines.length === 0 ? 0 : lines.length * 18 + 2 * gap);

  const cellX = (column: number): number => left + column * (cellWidth + gap);
  const cellY = (row: number): number => top + row * (cellHeight + gap);
  const text = { 'font-size': fontSize, fill: ink };
  const parts = [
    ...columns.map((name, i) => label(cellX(i) + cellWidth / 2, 18, name, { ...text, 'text-anchor': 'middle' })),
    ...rows.map((row, i) => label(2 * gap, cellY(i) + cellHeight / 2 + fontSize / 3, row.label, text)),
    ...rows.flatMap((row, i) =>
      row.cells.map((png, j) => (png.length === 0 ? '' : picture(png, cellX(j), cellY(i), cellWidth, cellHeight))),
    ),
    ...lines.map((line, i) => label(2 * gap, bottom + 18 * (i + 1), line, text)),
  ];
  return svgDocument(width, height, caption === '' ? columns.join(', ') : caption, parts.join(''));
}

function picture(png: Uint8Array, x: number, y: number, width: number, height: number): string {
  const href = `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString('base64')}`;
  return element('image', { x, y, width, height, preserveAspectRatio: 'xMidYMid meet', href });
}
