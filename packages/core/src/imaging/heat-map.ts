import type { Box } from './box.js';

/** A heat map: one value per cell, row-major, and where its cells lie in the network's input. */
export interface HeatMap {
  readonly values: ArrayLike<number>;
  /** Cells along each axis. */
  readonly width: number;
  readonly height: number;
  /**
   * The box that the cells tile, each reaching half a cell around its centre, in shares of the input's sides. It may fall short of
   * the input (`wholeInput`) or reach beyond it: see `extentOf`.
   */
  readonly extent: Box;
}

/** Where the centres of a map's cells lie along either axis, in pixels of the network's input from its left or top edge. */
export interface CellGrid {
  /** Of the first cell: along both axes, or along each. */
  readonly centre: number | { readonly x: number; readonly y: number };
  /** From each cell to the next. */
  readonly stride: number;
}

/** The extent of a map whose cells tile the input. */
export const wholeInput: Box = { x0: 0, y0: 0, x1: 1, y1: 1 };

/**
 * The extent of a map of `width` x `height` cells.
 *
 * @param input Size of the network's input, pixels.
 */
export function extentOf(
  { centre, stride }: CellGrid,
  width: number,
  height: number,
  input: { readonly width: number; readonly height: number },
): Box {
  const { x, y } = typeof centre === 'number' ? { x: centre, y: centre } : centre;
  const [left, top] = [x - stride / 2, y - stride / 2];
  return {
    x0: left / input.width,
    y0: top / input.height,
    x1: (left + width * stride) / input.width,
    y1: (top + height * stride) / input.height,
  };
}
