/**
 * The cheapest pairing of rows with columns, as many pairs as the smaller side has (the Hungarian method with
 * potentials: Kuhn 1955, Munkres 1957; O(rows^2 columns) for the smaller side as rows).
 *
 * @param cost Row-major, `rows * columns`, finite.
 * @returns per row its column, or -1 where it is left over.
 */
export function assign(cost: ArrayLike<number>, rows: number, columns: number): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  if (rows > columns) {
    const transposed = Float64Array.from({ length: rows * columns }, (_, i) => {
      const [column, row] = [Math.floor(i / rows), i % rows];
      return cost[row * columns + column] as number;
    });
    assign(transposed, columns, rows).forEach((row, column) => (result[row] = column));
    return result;
  }
  // Rows and columns count from 1; row 0 and column 0 stand for "none".
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const cameFrom = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    const slack = new Float64Array(columns + 1).fill(Infinity);
    const seen = new Uint8Array(columns + 1);
    rowOf[0] = row;
    let column = 0;
    // Grows a tree of alternating pairs, by the least slack, until it reaches a column that is free.
    do {
      seen[column] = 1;
      const from = rowOf[column] as number;
      let [least, next] = [Infinity, 0];
      for (let j = 1; j <= columns; j++) {
        if (seen[j] === 1) continue;
        const reduced =
          (cost[(from - 1) * columns + j - 1] as number) -
          (rowPotential[from] as number) -
          (columnPotential[j] as number);
        if (reduced < (slack[j] as number)) {
          slack[j] = reduced;
          cameFrom[j] = column;
        }
        if ((slack[j] as number) < least) [least, next] = [slack[j] as number, j];
      }
      for (let j = 0; j <= columns; j++) {
        if (seen[j] === 1) {
          rowPotential[rowOf[j] as number] = (rowPotential[rowOf[j] as number] as number) + least;
          columnPotential[j] = (columnPotential[j] as number) - least;
        } else slack[j] = (slack[j] as number) - least;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const previous = cameFrom[column] as number;
      rowOf[column] = rowOf[previous] as number;
      column = previous;
    }
  }
  for (let j = 1; j <= columns; j++) if ((rowOf[j] as number) > 0) result[(rowOf[j] as number) - 1] = j - 1;
  return result;
}
