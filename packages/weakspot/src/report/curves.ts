import type { Axis } from './scale.js';
import { axisOver, tickText } from './scale.js';
import { element, label, svgDocument, textWidth } from './svg.js';

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

export interface CurveSeries {
  readonly name: string;
  /** Joined in this order; a point that is not finite leaves a gap. */
  readonly points: readonly CurvePoint[];
}

export interface CurvesOptions {
  readonly title: string;
  readonly series: readonly CurveSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** In pixels; 480 x 300 unless given. */
  readonly width?: number;
  readonly height?: number;
}

/** Okabe & Ito's colours (2008), told apart by colour-blind readers too, without the yellow that vanishes on white. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'];
const ink = '#333333';
const faint = '#e3e3e3';
const fontSize = 11;

/** A line chart with axes, ticks and a legend of the series that have a name, as a stand-alone SVG. */
export function curvesSvg(options: CurvesOptions): string {
  const { width, height } = sizeOf(options);
  return svgDocument(width, height, options.title, chart(options));
}

/** Charts side by side, `columns` in a row, each in a cell of the largest one's size, as one stand-alone SVG. */
export function panelsSvg(panels: readonly CurvesOptions[], columns: number): string {
  const sizes = panels.map(sizeOf);
  const cellWidth = Math.max(0, ...sizes.map((size) => size.width));
  const cellHeight = Math.max(0, ...sizes.map((size) => size.height));
  const across = Math.max(1, Math.min(Math.floor(columns), panels.length));
  const cells = panels.map((panel, i) => {
    const x = (i % across) * cellWidth;
    const y = Math.floor(i / across) * cellHeight;
    return element('g', { transform: `translate(${x} ${y})` }, chart(panel));
  });
  const rows = Math.ceil(panels.length / across);
  const title = panels.map((panel) => panel.title).join(', ');
  return svgDocument(across * cellWidth, rows * cellHeight, title, cells.join(''));
}

function sizeOf(options: CurvesOptions): { width: number; height: number } {
  return { width: options.width ?? 480, height: options.height ?? 300 };
}

/** Where the plot lies in its chart, in pixels, and what it spans. */
interface Plot {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
}

function chart(options: CurvesOptions): string {
  const { width, height } = sizeOf(options);
  const points = options.series.flatMap((series) => series.points).filter(isDrawn);
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const xAxis = axisOver(xs, 6, false);
  const yAxis = axisOver(ys, 5, true);
  const legend = legendRows(
    options.series.filter((series) => series.name !== ''),
    width - 24,
  );
  const left = 34 + Math.max(...yAxis.ticks.map((tick) => textWidth(tickText(tick), fontSize)));
  const top = 34 + legend.length * 16;
  const plot: Plot = { left, top, right: width - 16, bottom: Math.max(top + 20, height - 42), xAxis, yAxis };
  return [
    label(12, 20, options.title, { 'font-size': 13, 'font-weight': 600, fill: ink }),
    ...legend.map((row, i) => legendRow(row, 12, 36 + i * 16, options.series)),
    axisMarks(plot),
    axisLabels(plot, options),
    ...options.series.map((series, i) => curve(series, colourOf(i), plot)),
  ].join('');
}

function toX(plot: Plot, x: number): number {
  return plot.left + ((x - plot.xAxis.low) / (plot.xAxis.high - plot.xAxis.low)) * (plot.right - plot.left);
}

function toY(plot: Plot, y: number): number {
  return plot.bottom - ((y - plot.yAxis.low) / (plot.yAxis.high - plot.yAxis.low)) * (plot.bottom - plot.top);
}

/** The x axis with its ticks, and a faint line across the plot at each tick of y. */
function axisMarks(plot: Plot): string {
  const { left, right, bottom, xAxis, yAxis } = plot;
  const text = { 'font-size': fontSize, fill: ink };
  const across = yAxis.ticks.flatMap((tick) => {
    const y = toY(plot, tick);
    return [rule(left, y, right, y, faint), label(left - 6, y + 4, tickText(tick), { ...text, 'text-anchor': 'end' })];
  });
  const below = xAxis.ticks.flatMap((tick) => {
    const x = toX(plot, tick);
    const number = label(x, bottom + 16, tickText(tick), { ...text, 'text-anchor': 'middle' });
    return [rule(x, bottom, x, bottom + 4, ink), number];
  });
  return [...across, rule(left, bottom, right, bottom, ink), ...below].join('');
}

function axisLabels({ left, top, right, bottom }: Plot, { xLabel, yLabel }: CurvesOptions): string {
  const text = { 'font-size': fontSize, 'text-anchor': 'middle', fill: ink };
  const turned = { ...text, transform: `translate(16 ${(top + bottom) / 2}) rotate(-90)` };
  return label((left + right) / 2, bottom + 32, xLabel, text) + label(0, 0, yLabel, turned);
}

function curve(series: CurveSeries, colour: string, plot: Plot): string {
  const shapes = runs(series.points).map((run) => {
    const [first] = run;
    if (first !== undefined && run.length === 1) {
      return element('circle', { cx: toX(plot, first.x), cy: toY(plot, first.y), r: 2, fill: colour });
    }
    const line = run.map((point) => `${toX(plot, point.x).toFixed(2)},${toY(plot, point.y).toFixed(2)}`).join(' ');
    return element('polyline', { points: line, fill: 'none', stroke: colour, 'stroke-width': 1.5 });
  });
  return shapes.join('');
}

/** The unbroken runs between points that are not finite. */
function runs(points: readonly CurvePoint[]): CurvePoint[][] {
  const found: CurvePoint[][] = [[]];
  for (const point of points) {
    if (isDrawn(point)) found.at(-1)?.push(point);
    else found.push([]);
  }
  return found.filter((run) => run.length > 0);
}

function isDrawn(point: CurvePoint): boolean {
  return Number.isFinite(point.x) && Number.isFinite(point.y);
}

function colourOf(index: number): string {
  return palette[index % palette.length] as string;
}

function entryWidth(series: CurveSeries): number {
  return 34 + textWidth(series.name, fontSize);
}

/** The legend's entries, as many in a row as fit. */
function legendRows(entries: readonly CurveSeries[], width: number): CurveSeries[][] {
  const rows: CurveSeries[][] = [];
  let used = Infinity;
  for (const entry of entries) {
    if (used + entryWidth(entry) > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(entry);
    used += entryWidth(entry);
  }
  return rows;
}

function legendRow(row: readonly CurveSeries[], left: number, y: number, all: readonly CurveSeries[]): string {
  let x = left;
  const parts = row.map((series) => {
    const colour = colourOf(all.indexOf(series));
    const swatch = element('rect', { x, y: y - 5, width: 14, height: 3, fill: colour });
    const text = label(x + 19, y, series.name, { 'font-size': fontSize, fill: ink });
    x += entryWidth(series);
    return swatch + text;
  });
  return parts.join('');
}

function rule(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return element('line', { x1, y1, x2, y2, stroke });
}
