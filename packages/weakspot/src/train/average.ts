import type { StoredTensor } from '../run/safetensors.js';

/**
 * The running mean of a run's weights with those at the end of one more epoch (stochastic weight averaging, Izmailov et al.,
 * UAI 2018): `mean + (weights - mean) / (count + 1)`, in 32 bits.
 *
 * @param mean Of `count` epochs; not read where `count` is 0.
 * @returns New tensors: neither `mean` nor `weights` is kept or changed.
 */
export function averageWith(
  mean: ReadonlyMap<string, StoredTensor>,
  weights: ReadonlyMap<string, StoredTensor>,
  count: number,
): ReadonlyMap<string, StoredTensor> {
  const share = 1 / (count + 1);
  return new Map(
    [...weights].map(([name, { shape, data }]): [string, StoredTensor] => {
      const before = count === 0 ? undefined : mean.get(name)?.data;
      const averaged = before === undefined ? data.slice() : data.map((value, i) => mix(before[i], value, share));
      return [name, { shape, data: averaged }];
    }),
  );
}

function mix(mean = 0, value: number, share: number): number {
  return mean + (value - mean) * share;
}
