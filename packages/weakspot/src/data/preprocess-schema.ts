import type { Preprocessing } from '@weakspot/core';
import { z } from 'zod';

const percentile = z.number().min(0).max(100);
const side = z.int().min(1).max(16384);

const pair = (value: z.ZodNumber, message: string) =>
  z
    .tuple([value, value])
    .refine(([low, high]) => low < high, message)
    .exactOptional();

/** Checks a preprocessing from outside; unknown keys are errors. Models of versions without a step have none. */
export const preprocessingSchema: z.ZodType<Preprocessing> = z.strictObject({
  width: side,
  height: side,
  intensity: z
    .strictObject({
      range: z.enum(['display', 'full-scale', 'window', 'min-max', 'percentile']),
      window: pair(z.number(), 'the lower value comes first'),
      percentiles: pair(percentile, 'the lower percentile comes first'),
    })
    .refine(({ range, window }) => range !== 'window' || window !== undefined, {
      path: ['window'],
      message: 'the range `window` needs the two values that become 0 and 1',
    }),
  crop: z.enum(['none', 'content']).default('none'),
  fit: z.enum(['stretch', 'pad']).default('stretch'),
  clahe: z
    .strictObject({ tiles: z.int().min(1).max(64), clipLimit: z.number().min(1) })
    .nullable()
    .default(null),
  normalization: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('image') }),
    z
      .strictObject({
        kind: z.literal('set'),
        mean: z.number().exactOptional(),
        std: z.number().positive().exactOptional(),
      })
      .refine(
        ({ mean, std }) => (mean === undefined) === (std === undefined),
        'give both `mean` and `std`, or neither',
      ),
    z.strictObject({ kind: z.literal('fixed'), mean: z.number(), std: z.number().positive() }),
  ]),
  antialias: z.boolean(),
});
