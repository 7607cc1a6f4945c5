import { WeakspotError } from '@weakspot/core';
import type { DataPlace } from '../run/data-place.js';

/** Options that say where data are. */
interface PlaceFlags {
  readonly data?: string;
  readonly images?: string;
  readonly boxes?: string;
}

/** What a command line says of where a run's data are now, and its other options: with --data, --images and --boxes are of it. */
export function movedData<F extends PlaceFlags>(
  flags: F,
): { readonly place?: DataPlace; readonly others: PlaceFlags & F } {
  const { data, images, boxes, ...others } = flags;
  if (data === undefined) return { others: flags };
  const place = {
    path: data,
    ...(images === undefined ? {} : { images }),
    ...(boxes === undefined ? {} : { boxes }),
  };
  return { place, others: others as F };
}

/**
 * The data that a verb is given as its argument or with --data.
 * @throws WeakspotError `usage` where both are given.
 */
export function dataNamed(argument: string | undefined, option: string | undefined): string | undefined {
  if (argument !== undefined && option !== undefined) {
    throw new WeakspotError('usage', `The data are named twice: ${argument} and --data ${option}.`, {
      hint: 'Name them once.',
    });
  }
  return argument ?? option;
}
