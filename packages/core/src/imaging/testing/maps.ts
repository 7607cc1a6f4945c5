import { type HeatMap, wholeInput } from '../heat-map.js';

/** A map whose cells tile the network's input. */
export function tiling<V extends ArrayLike<number>>(
  values: V,
  width: number,
  height: number,
): HeatMap & { readonly values: V } {
  return { values, width, height, extent: wholeInput };
}
