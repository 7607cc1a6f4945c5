import { curvesFigure } from '../curves.js';
import { element } from '../svg.js';
import type { PageCell, PageChart, PageFigures, PageImage, PageSeries, PageTable } from './content.js';
import { tag, text } from './html.js';
import { colourOf, dashOf } from './style.js';

/** A table with its caption, in a box that scrolls where the page is narrow, with the keyboard too. */
export function tablePart({ caption, columns, rows }: PageTable): string {
  const classOf = (index: number): string | undefined => (columns[index]?.numeric === true ? 'number' : undefined);
  const head = columns.map(({ name }, i) => tag('th', { scope: 'col', class: classOf(i) }, text(name)));
  const body = rows.map((cells) => {
    const [first = '', ...others] = cells;
    const rest = others.map((cell, i) => tag('td', { class: classOf(i + 1) }, text(cell)));
    return tag('tr', {}, tag('th', { scope: 'row' }, text(first)), ...rest);
  });
  const pairs = columns.length === 2 && columns[1]?.numeric !== true ? 'pairs' : undefined;
  return tag(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    tag(
      'table',
      { class: pairs },
      tag('caption', {}, tag('span', {}, text(caption))),
      tag('thead', {}, tag('tr', {}, ...head)),
      tag('tbody', {}, ...body),
    ),
  );
}

/** A table that is shown on demand, under its caption unless another summary is given, and always printed. */
export function foldedTable(summary: string | undefined, table: PageTable): string {
  const words = summary ?? table.caption;
  const named = summary === undefined ? 'named' : undefined;
  return tag('details', { class: named }, tag('summary', {}, text(words)), tablePart(table));
}

/** Tables one below the other, those folded that are to be. */
export function tablesPart(tables: readonly PageTable[]): string {
  return tables.map((table) => (table.folded === true ? foldedTable(undefined, table) : tablePart(table))).join('');
}

export interface ChartLook {
  readonly height: number;
  readonly heading?: 'h3' | 'h4';
  readonly yTicks?: number;
}

/** Width of the charts' own coordinates: about that of their place, so that their text keeps its size. */
const CHART_WIDTH = 380;

export function chartSvg({ alt, xLabel, yLabel, xRange, yRange, series }: PageChart, look: ChartLook): string {
  return curvesFigure({
    title: alt,
    xLabel,
    yLabel,
    width: CHART_WIDTH,
    height: look.height,
    bare: true,
    ink: 'var(--ink)',
    faint: 'var(--faint)',
    ...(look.yTicks === undefined ? {} : { yTicks: look.yTicks }),
    ...(xRange === undefined ? {} : { xRange }),
    ...(yRange === undefined ? {} : { yRange }),
    series: series.map(lookOf),
  });
}

function lookOf({ method, further = false, dash, points }: PageSeries): {
  name: string;
  points: PageSeries['points'];
  colour: string;
  width: number;
  dash?: string;
  opacity?: number;
} {
  const pattern = dash ?? (method === undefined ? '3 3' : dashOf(method));
  return {
    name: '',
    points,
    colour: colourOf(method),
    width: method === undefined ? 1 : further ? 1 : 2,
    ...(pattern === '' ? {} : { dash: pattern }),
    ...(further ? { opacity: 0.5 } : {}),
  };
}

export function chartPart(chart: PageChart, look: ChartLook): string {
  const { heading = 'h3' } = look;
  const numbers = chart.table === undefined ? '' : foldedTable('Numbers', chart.table);
  return tag('div', { class: 'chart' }, tag(heading, {}, text(chart.title)), chartSvg(chart, look), numbers);
}

/** Which line is whose. */
export function legendPart(
  entries: readonly { readonly name: string; readonly method?: number; readonly dash?: string }[],
): string {
  const items = entries.map(({ name, method, dash }) => {
    const pattern = dash ?? (method === undefined ? '3 3' : dashOf(method));
    const line = element('line', {
      x1: 0,
      y1: 4,
      x2: 34,
      y2: 4,
      stroke: method === undefined ? 'var(--ink)' : colourOf(method),
      'stroke-width': 2,
      ...(pattern === '' ? {} : { 'stroke-dasharray': pattern }),
    });
    const swatch = element('svg', { viewBox: '0 0 34 8', 'aria-hidden': 'true' }, line);
    return tag('li', {}, swatch, text(name));
  });
  return tag('ul', { class: 'legend' }, ...items);
}

export function imagePart({ type, bytes, width, height, alt }: PageImage): string {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return tag('img', { src: `data:${type};base64,${data}`, width, height, alt, decoding: 'async' });
}

export function cellPart({ image, caption, notes }: PageCell): string {
  const lines = notes.map((note) => tag('span', {}, text(note)));
  return tag(
    'figure',
    { class: 'cell' },
    imagePart(image),
    tag('figcaption', {}, tag('b', {}, text(caption)), ...lines),
  );
}

/** What is drawn over the films. */
export function keyPart(scale: PageImage, positive: string): string {
  const box = element('rect', {
    x: 2,
    y: 2,
    width: 14,
    height: 14,
    fill: 'none',
    stroke: '#00b33c',
    'stroke-width': 2.5,
  });
  const lines = { stroke: '#0097b2', 'stroke-width': 2.5 };
  const cross =
    element('line', { x1: 9, y1: 1, x2: 9, y2: 17, ...lines }) +
    element('line', { x1: 1, y1: 9, x2: 17, y2: 9, ...lines });
  const sign = (shape: string): string => element('svg', { viewBox: '0 0 18 18', 'aria-hidden': 'true' }, shape);
  return tag(
    'ul',
    { class: 'key' },
    tag('li', {}, sign(box), 'ground truth'),
    tag('li', {}, sign(cross), 'response: where the map is highest'),
    tag('li', {}, '0', imagePart(scale), `1, the probability of ${text(positive)}`),
  );
}

/** Films with their maps, a heading above each. */
export function figuresPart({ title, text: words, figures }: PageFigures): string {
  const most = Math.max(1, ...figures.map(({ cells }) => cells.length));
  const parts = figures.map((figure) =>
    tag(
      'div',
      { class: 'figure' },
      figure.title === '' ? '' : tag('h4', {}, text(figure.title)),
      tag('div', { class: 'cells' }, ...figure.cells.map(cellPart)),
    ),
  );
  return [
    title === '' ? '' : tag('h3', {}, text(title)),
    words === '' ? '' : tag('p', {}, text(words)),
    tag('div', { class: `figures of-${Math.min(most, 4)}` }, ...parts),
  ].join('');
}
