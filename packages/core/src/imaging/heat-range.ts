/**
 * Limits between which a map is shown: from its minimum to the value at which heat would be 1, so that its maximum has
 * the heat of its class's probability (paper, Fig. 3: "scaled to the range between 0 and the maximum probability").
 */
export function heatRange(map: Float32Array, probability: number): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of map) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high: low + (high - low) / Math.max(probability, 1e-3) };
}
