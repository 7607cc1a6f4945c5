import { type OperatingPoint, operatingPoints, formatScore } from '@weakspot/core';
import type { CurvePoint } from '../report/curves.js';
import type { PageChart, PageSeries, PageTable } from '../report/page/content.js';
import type { MeasuredImage, MeasuredRun } from './measure.js';

const unit: readonly [number, number] = [0, 1];

/** ROC, precision-recall and FROC curves of the runs on one test set; charts that the set cannot tell are left out. */
export function rankingCharts(runs: readonly MeasuredRun[], methods: readonly string[]): PageChart[] {
  const charts = [
    rocChart(runs, methods),
    precisionChart(runs, methods),
    localizationChart(runs, methods),
    frocChart(runs, methods),
  ];
  return charts.filter((chart) => chart !== undefined);
}

function rocChart(runs: readonly MeasuredRun[], methods: readonly string[]): PageChart | undefined {
  const curves = curvesOf(runs, ({ images }) => {
    const positives = images.filter(({ positive }) => positive).length;
    const negatives = images.length - positives;
    if (positives === 0 || negatives === 0) return [];
    const points = operatingPoints(
      images.map(({ score }) => score),
      images.map(({ positive }) => positive),
    );
    const toPoint = ({ truePositives, falsePositives }: OperatingPoint): CurvePoint => ({
      x: falsePositives / negatives,
      y: truePositives / positives,
    });
    return [{ x: 0, y: 0 }, ...points.map(toPoint)];
  });
  if (curves.length === 0) return undefined;
  const auc = describe(runs, methods, 'AUC', ({ auc: value }) => value);
  return {
    title: 'ROC',
    alt: `ROC curves: sensitivity over the false positive rate. ${auc}`,
    xLabel: 'false positive rate',
    yLabel: 'sensitivity',
    xRange: unit,
    yRange: unit,
    series: [
      {
        points: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      },
      ...curves,
    ],
    table: sampled(
      'Sensitivity at false positive rates',
      'False positive rate',
      [0.05, 0.1, 0.2, 0.3, 0.5],
      curves,
      methods,
      highestUpTo,
    ),
  };
}

function precisionChart(runs: readonly MeasuredRun[], methods: readonly string[]): PageChart | undefined {
  const curves = curvesOf(runs, ({ images }) =>
    precisionCurve(images, ({ positive }) => positive, images.filter(({ positive }) => positive).length),
  );
  if (curves.length === 0) return undefined;
  return {
    title: 'Finding positive images',
    alt: `Precision over recall of positive images. ${describe(runs, methods, 'AP+', ({ apPositive }) => apPositive)}`,
    xLabel: 'recall',
    yLabel: 'precision',
    xRange: unit,
    yRange: unit,
    series: curves,
    table: sampled(
      'Best precision at recalls',
      'Recall at least',
      [0.5, 0.6, 0.7, 0.8, 0.9, 1],
      curves,
      methods,
      highestFrom,
    ),
  };
}

function localizationChart(runs: readonly MeasuredRun[], methods: readonly string[]): PageChart | undefined {
  const curves = curvesOf(runs, ({ images }) =>
    precisionCurve(
      images,
      ({ positive, hit }) => positive && hit === true,
      images.filter(({ positive, hit }) => positive && hit !== undefined).length,
    ),
  );
  if (curves.length === 0) return undefined;
  return {
    title: 'Pointing at lesions',
    alt: `Precision over recall of images whose response hits the lesion. ${describe(runs, methods, 'Localization AP', ({ locAp }) => locAp)}`,
    xLabel: 'recall of located positive images',
    yLabel: 'precision',
    xRange: unit,
    yRange: unit,
    series: curves,
    table: sampled(
      'Best precision of pointing at recalls',
      'Recall at least',
      [0.2, 0.4, 0.6, 0.8, 0.9],
      curves,
      methods,
      highestFrom,
    ),
  };
}

/** The most wrong marks per image that are shown. */
const MOST_FALSE = 8;

function frocChart(runs: readonly MeasuredRun[], methods: readonly string[]): PageChart | undefined {
  const curves = curvesOf(runs, ({ images }) => frocCurve(images));
  if (curves.length === 0) return undefined;
  const reached = Math.max(1, ...curves.flatMap(({ points }) => points.map(({ x }) => x)));
  const first = methods.map((_, method) => runs.find(({ run }) => run.method === method));
  const rates = ['froc025', 'froc05', 'froc1', 'froc2', 'froc4', 'froc8'] as const;
  const names = ['0.25', '0.5', '1', '2', '4', '8'];
  return {
    title: 'FROC',
    alt: `FROC curves: share of lesions found over wrong marks per image. ${describe(runs, methods, 'FROC score', ({ frocScore }) => frocScore)}`,
    xLabel: 'wrong marks per image',
    yLabel: 'lesions found',
    xRange: [0, Math.min(MOST_FALSE, reached)],
    yRange: unit,
    series: curves,
    table: {
      caption: 'Share of lesions found at wrong marks per image',
      columns: [{ name: 'Wrong marks' }, ...methods.map((name) => ({ name, numeric: true }))],
      rows: rates.map((rate, i) => [names[i] ?? '', ...first.map((run) => formatScore(run?.allMetrics[rate]))]),
    },
  };
}

/** Lesions and wrong marks at every threshold, see core's `froc` metrics; empty where there is no lesion. */
function frocCurve(images: readonly MeasuredImage[]): CurvePoint[] {
  const known = images.flatMap(({ detection }) => (detection === undefined ? [] : [detection]));
  const lesions = known.reduce((sum, { lesionScores }) => sum + lesionScores.length, 0);
  if (lesions === 0) return [];
  const found = known.flatMap(({ lesionScores }) => [...lesionScores].filter(Number.isFinite));
  const wrong = known.flatMap(({ falseScores }) => [...falseScores]);
  const points = operatingPoints([...found, ...wrong], [...found.map(() => true), ...wrong.map(() => false)]);
  const toPoint = ({ truePositives, falsePositives }: OperatingPoint): CurvePoint => ({
    x: falsePositives / known.length,
    y: truePositives / lesions,
  });
  return [{ x: 0, y: 0 }, ...points.map(toPoint)];
}

/** Of the images called positive from each threshold on, recall and precision; empty where `total` is 0. */
function precisionCurve(
  images: readonly MeasuredImage[],
  isRelevant: (image: MeasuredImage) => boolean,
  total: number,
): CurvePoint[] {
  if (total === 0) return [];
  const points = operatingPoints(
    images.map(({ score }) => score),
    images.map(isRelevant),
  );
  return points.map(({ truePositives, falsePositives }) => ({
    x: truePositives / total,
    y: truePositives / (truePositives + falsePositives),
  }));
}

/** The curves that have points, a method's first run drawn stronger than its further ones. */
export function curvesOf(
  runs: readonly MeasuredRun[],
  pointsOf: (run: MeasuredRun) => readonly CurvePoint[],
): PageSeries[] {
  const seen = new Set<number>();
  return runs.flatMap((run) => {
    const points = pointsOf(run);
    if (points.length === 0) return [];
    const { method } = run.run;
    const further = seen.has(method);
    seen.add(method);
    return [{ method, further, points }];
  });
}

/** A metric of each run as a sentence. */
export function describe(
  runs: readonly MeasuredRun[],
  methods: readonly string[],
  name: string,
  of: (metrics: MeasuredRun['allMetrics']) => number | undefined,
): string {
  const parts = runs.map(({ run, allMetrics }) => `${methods[run.method] ?? ''} ${formatScore(of(allMetrics))}`);
  return `${name}: ${parts.join(', ')}.`;
}

type ReadOff = (points: readonly CurvePoint[], x: number) => number | undefined;

/** The highest value at or before a place: what a threshold can reach without exceeding it. */
export const highestUpTo: ReadOff = (points, at) => highest(points.filter(({ x }) => x <= at + 1e-12));

/** The highest value at or after a place. */
const highestFrom: ReadOff = (points, at) => highest(points.filter(({ x }) => x >= at - 1e-12));

function highest(points: readonly CurvePoint[]): number | undefined {
  return points.length === 0 ? undefined : points.reduce((most, { y }) => Math.max(most, y), -Infinity);
}

/** Values of each method's first curve at some places, as a table. */
export function sampled(
  caption: string,
  xName: string,
  places: readonly number[],
  curves: readonly PageSeries[],
  methods: readonly string[],
  read: ReadOff,
): PageTable {
  const first = curves.filter(({ further }) => further !== true);
  return {
    caption,
    columns: [{ name: xName }, ...first.map(({ method = 0 }) => ({ name: methods[method] ?? '', numeric: true }))],
    rows: places.map((place) => [String(place), ...first.map(({ points }) => formatScore(read(points, place)))]),
  };
}
