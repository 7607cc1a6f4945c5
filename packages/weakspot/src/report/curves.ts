import { LEGEND_ROW, legendRow, legendRows } from './legend.js';
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
  /** The palette's, in the order of the series, unless given. */
  readonly colour?: string;
  /** Of the line, pixels; 1.5 unless given. */
  readonly width?: number;
  /** Lengths of dashes and gaps, pixels, as in SVG's `stroke-dasharray`; a solid line unless given. */
  readonly dash?: string;
  /** 0..1; 1 unless given. */
  readonly opacity?: number;
}

export interface CurvesOptions {
  readonly title: string;
  readonly series: readonly CurveSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** In pixels; 480 x 300 unless given. */
  readonly width?: number;
  readonly height?: number;
  /** What an axis spans, instead of what the points need. */
  readonly xRange?: readonly [low: number, high: number];
  readonly yRange?: readonly [low: number, high: number];
  /** About how many ticks the axis of y has; 5 unless given. */
  readonly yTicks?: number;
  /** Without title and legend, for a chart whose page has them. */
  readonly bare?: boolean;
  /** Colours of text and of the lines across, any that SVG knows. */
  readonly ink?: string;
  readonly faint?: string;
}

/** Okabe & Ito's colours (2008), told apart by colour-blind readers too, without the yellow that vanishes on white. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'];
const darkInk = '#333333';
const faintInk = '#e3e3e3';
const fontSize = 11;

/** A line chart with axes, ticks and a legend of the series that have a name, as a stand-alone SVG. */
export function curvesSvg(options: CurvesOptions): string {
  const { width, height } = sizeOf(options);
  return svgDocument(width, height, options.title, chart(options));
}

/**
 * The same chart as an SVG for a page that gives it colours and a font: as wide as its place, without paper, read out by
 * screen readers as `title`.
 */
export function curvesFigure(options: CurvesOptions): string {
  const { width, height } = sizeOf(options);
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': options.title };
  return element('svg', attributes, chart(options));
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
  readonly ink: string;
  readonly faint: string;
}

function chart(options: CurvesOptions): string {
  const { width, height } = sizeOf(options);
  const { series, title, xRange, yRange, yTicks = 5, bare = false, ink = darkInk, faint = faintInk } = options;
  const points = series.flatMap((one) => one.points).filter(isDrawn);
  const xAxis = axisOver(xRange ?? points.map((point) => point.x), 6, false);
  const yAxis = axisOver(yRange ?? points.map((point) => point.y), yTicks, yRange === undefined);
  const legend = bare ? [] : legendRows(series, width - 24);
  const left = 34 + Math.max(...yAxis.ticks.map((tick) => textWidth(tickText(tick), fontSize)));
  const top = bare ? 8 : 34 + legend.length * LEGEND_ROW;
  const bottom = Math.max(top + 20, height - (options.xLabel === '' ? 24 : 42));
  const plot: Plot = { left, top, right: width - 16, bottom, xAxis, yAxis, ink, faint };
  const colourOf = (one: CurveSeries): string => one.colour ?? paletteColour(series.indexOf(one));
  return [
    bare ? '' : label(12, 20, title, { 'font-size': 13, 'font-weight': 600, fill: ink }),
    ...legend.map((row, i) => legendRow(row, 12, 36 + i * LEGEND_ROW, ink, colourOf)),
    axisMarks(plot),
    axisLabels(plot, options),
    clipped(series.map((one) => curve(one, colourOf(one), plot)).join(''), plot, xRange ?? yRange),
  ].join('');
}

function toX(plot: Plot, x: number): number {
  return plot.left + ((x - plot.xAxis.low) / (plot.xAxis.high - plot.xAxis.low)) * (plot.right - plot.left);
}

function toY(plot: Plot, y: number): number {
  return plot.bottom - ((y - plot.yAxis.low) / (plot.yAxis.high - plot.yAxis.low)) * (plot.bottom - plot.top);
}

/** Where a range was asked for, what lies beyond it is cut off, but for half a line's width. */
function clipped(curves: string, { left, top, right, bottom }: Plot, range: readonly number[] | undefined): string {
  if (range === undefined) return curves;
  const [x, y, width, height] = [left - 1, top - 1, right - left + 2, bottom - top + 2];
  return element('svg', { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` }, curves);
}

/** The x axis with its ticks, and a faint line across the plot at each tick of y. */
function axisMarks(plot: Plot): string {
  const { left, right, bottom, xAxis, yAxis, ink, faint } = plot;
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

function axisLabels({ left, top, right, bottom, ink }: Plot, { xLabel, yLabel }: CurvesOptions): string {
  const text = { 'font-size': fontSize, 'text-anchor': 'middle', fill: ink };
  const turned = { ...text, transform: `translate(16 ${(top + bottom) / 2}) rotate(-90)` };
  return label((left + right) / 2, bottom + 32, xLabel, text) + label(0, 0, yLabel, turned);
}

function curve(series: CurveSeries, colour: string, plot: Plot): string {
  const { width = 1.5, dash, opacity } = series;
  const look = {
    ...(dash === undefined ? {} : { 'stroke-dasharray': dash }),
    ...(opacity === undefined ? {} : { opacity }),
  };
  const shapes = runs(series.points).map((run) => {
    const [first] = run;
    if (first !== undefined && run.length === 1) {
      return element('circle', { cx: toX(plot, first.x), cy: toY(plot, first.y), r: 2, fill: colour, ...look });
    }
    const line = run.map((point) => `${toX(plot, point.x).toFixed(2)},${toY(plot, point.y).toFixed(2)}`).join(' ');
    return element('polyline', { points: line, fill: 'none', stroke: colour, 'stroke-width': width, ...look });
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

function paletteColour(index: number): string {
  return palette[index % palette.length] as string;
}

function rule(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return element('line', { x1, y1, x2, y2, stroke });
}
