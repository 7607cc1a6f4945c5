import { z } from 'zod';

const share = z.number().min(0).max(1);

/** Ways to divide a data set: dealt out by shares, one fold of several, or from a file. */
export type SplitWay = 'shares' | 'folds' | 'file';

/**
 * How a data set is divided into parts. One of three ways: `train`, `validation` and `test`; or `folds` and `fold`; or
 * `file`.
 */
export const splitSettingsSchema = z
  .strictObject({
    train: share.exactOptional().describe('Share of the training part; above 0.'),
    validation: share
      .exactOptional()
      .describe(
        'Share of the validation part. With `folds` or `file`: its share of the images that are not for testing.',
      ),
    test: share.exactOptional().describe('Share of the test part.'),
    folds: z.int().min(2).exactOptional().describe('Instead of shares: number of parts for cross-validation.'),
    fold: z
      .int()
      .min(0)
      .exactOptional()
      .describe('The fold for testing, counted from 0; also for a `file` with a column `fold`.'),
    file: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Instead of shares: CSV `file,split` or `file,fold`, or the `split.json` of another run.'),
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .exactOptional()
      .describe(
        'Seed of the division, so that runs with several seeds can have the same parts. Default: the seed of the run.',
      ),
  })
  .superRefine((split, context) => {
    const wrong = (message: string, ...path: string[]): void => context.addIssue({ code: 'custom', message, path });
    const way = splitWay(split) ?? 'shares';
    const { train = 0, validation = 0, test = 0, folds, fold } = split;
    if (way === 'shares') {
      if (Math.abs(train + validation + test - 1) >= 1e-6) wrong('the fractions must add up to 1');
      if (train <= 0) wrong('the training part must not be empty');
      if (fold !== undefined) wrong('needs folds or file', 'fold');
      return;
    }
    for (const key of ['train', 'test'] as const)
      if (split[key] !== undefined) wrong(`cannot be used with ${way}`, key);
    if (validation >= 1) wrong('the training part must not be empty', 'validation');
    if (way === 'file') {
      if (folds !== undefined) wrong('cannot be used with file: its column "fold" gives the number of folds', 'folds');
    } else if (fold === undefined) wrong('give the fold for testing: fold', 'fold');
    else if (folds !== undefined && fold >= folds) wrong(`the folds are 0 to ${folds - 1}`, 'fold');
  });

export type SplitSettings = z.infer<typeof splitSettingsSchema>;

/** What each way is completed with. */
export const splitDefaults: Readonly<Record<SplitWay, SplitSettings>> = {
  shares: { train: 0.8, validation: 0.1, test: 0.1 },
  folds: { validation: 0.1 },
  file: { validation: 0 },
};

/** The way that settings, checked or not, mean; undefined where they leave it to what they are laid over. */
export function splitWay(settings: unknown): SplitWay | undefined {
  if (typeof settings !== 'object' || settings === null) return undefined;
  const { file, folds, train, test } = settings as Readonly<Record<string, unknown>>;
  if (file !== undefined) return 'file';
  if (folds !== undefined) return 'folds';
  return train !== undefined || test !== undefined ? 'shares' : undefined;
}
