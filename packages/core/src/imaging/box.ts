/**
 * An axis-aligned box `[x0, y0, x1, y1)` in pixels, top-left origin; the pixel in column c and row r covers
 * `[c, c+1) x [r, r+1)` and has its centre at `(c + 0.5, r + 0.5)`.
 */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}
