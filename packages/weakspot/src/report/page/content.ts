import type { CurvePoint } from '../curves.js';

/** A table of the page. Texts are plain: the page escapes them. */
export interface PageTable {
  readonly caption: string;
  /** The first column names its rows. */
  readonly columns: readonly PageColumn[];
  /** Cells in the order of the columns. */
  readonly rows: readonly (readonly string[])[];
  /** Shown on demand, under its caption. */
  readonly folded?: boolean;
}

export interface PageColumn {
  readonly name: string;
  /** Aligned to the right, with digits of one width. */
  readonly numeric?: boolean;
}

/** A curve in a method's colour. */
export interface PageSeries {
  /** Index of the method, which has a colour and a pattern of dashes; undefined is drawn faint: a line to compare with. */
  readonly method?: number;
  /** One of a method's further runs: thinner. */
  readonly further?: boolean;
  /** Overrides the method's pattern of dashes. */
  readonly dash?: string;
  readonly points: readonly CurvePoint[];
}

export interface PageChart {
  readonly title: string;
  /** What a reader sees in it, for those who cannot. */
  readonly alt: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xRange?: readonly [low: number, high: number];
  readonly yRange?: readonly [low: number, high: number];
  readonly series: readonly PageSeries[];
  /** Chosen points of the curves as numbers. */
  readonly table?: PageTable;
}

/** A picture, as the bytes of a file. */
export interface PageImage {
  readonly type: 'image/png' | 'image/jpeg';
  readonly bytes: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly alt: string;
}

/** A picture with the lines below it. */
export interface PageCell {
  readonly image: PageImage;
  readonly caption: string;
  readonly notes: readonly string[];
}

/** A film and what the methods made of it. */
export interface PageFigure {
  readonly title: string;
  readonly cells: readonly PageCell[];
}

export interface PageFigures {
  readonly title: string;
  readonly text: string;
  readonly figures: readonly PageFigure[];
}

/** The curves of one method's training: losses, and below them alpha. */
export interface PageTraining {
  readonly method: string;
  readonly losses: PageChart;
  readonly alpha: PageChart;
  readonly validation?: PageChart;
  readonly table: PageTable;
}

/** What was measured on one test set. */
export interface PageTest {
  readonly name: string;
  readonly text: string;
  readonly results: readonly PageTable[];
  readonly charts: readonly PageChart[];
  readonly examples: readonly PageFigures[];
  readonly errors: readonly PageFigures[];
  /** Name of the positive class. */
  readonly positive: string;
  /** Colours of the maps from 0 to 1. */
  readonly scale?: PageImage;
}

/** A report as it is shown; every number in it is a text already. */
export interface ReportPage {
  readonly title: string;
  /** What was trained and tested, in sentences. */
  readonly lead: readonly string[];
  /** What a reader should know before believing the numbers. */
  readonly warnings: readonly string[];
  /** In the order of their colours. */
  readonly methods: readonly string[];
  readonly tests: readonly PageTest[];
  /** Tables that belong to no single test set. */
  readonly tables: readonly PageTable[];
  readonly training: readonly PageTraining[];
  readonly trainingText: string;
  readonly filters:
    { readonly text: string; readonly cells: readonly PageCell[]; readonly table: PageTable } | undefined;
  /** In which the runs differ; then those that they share, small tables side by side. */
  readonly settings: readonly PageTable[];
  readonly sharedSettings: readonly PageTable[];
  readonly data: readonly PageTable[];
  /** Terms and what they mean. */
  readonly terms: readonly (readonly [term: string, meaning: string])[];
  /** Who made it, with what and when. */
  readonly made: string;
}
