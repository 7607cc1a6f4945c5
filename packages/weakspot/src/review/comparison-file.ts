import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';

const score = z
  .object({
    mean: z.number(),
    deviation: z.number().nullish(),
    low: z.number().nullish(),
    high: z.number().nullish(),
  })
  .nullish();
const interval = z.object({ low: z.number(), high: z.number() }).nullish();

/** What a report needs of `comparison.json`; keys that it does not know are left alone. */
const comparisonSchema = z.object({
  format: z.literal([1, 2]),
  checkpoint: z.enum(['last', 'best']).default('last'),
  level: z.number().default(0.95),
  /** Test sets; one without a path is the part for testing of the data that is trained on. */
  tests: z.array(z.object({ name: z.string(), path: z.string().nullish() })).default([]),
  runs: z.array(z.object({ method: z.string(), folder: z.string() })).min(1),
  /** Means over the runs by metric, with intervals over the test images. */
  table: z.array(z.object({ test: z.string(), method: z.string(), scores: z.record(z.string(), score) })).default([]),
  differences: z
    .array(
      z.object({
        test: z.string(),
        metric: z.string(),
        method: z.string(),
        baseline: z.string(),
        difference: z.number(),
        bootstrap: interval,
        delong: interval,
        holds: z.enum(['nowhere', 'images', 'images and trainings']).catch('nowhere'),
      }),
    )
    .default([]),
});

/** What a report needs of the comparison's `settings.json`: how the runs were tested. */
const settingsSchema = z.object({
  settings: z.object({
    tests: z
      .array(
        z.object({
          path: z.string(),
          format: z.string().optional(),
          images: z.string().optional(),
          boxes: z.string().optional(),
          part: z.enum(['train', 'validation', 'test']).optional(),
        }),
      )
      .default([]),
    tolerance: z.object({ x: z.number(), y: z.number() }).nullish(),
  }),
});

export type ComparisonFile = z.infer<typeof comparisonSchema>;
export type ComparisonTesting = z.infer<typeof settingsSchema>['settings'];

const COMPARISON = 'comparison.json';
const SETTINGS = 'settings.json';

/**
 * Reads the comparison that a folder, or its comparison.json, holds. Of one of format 1, whose maps lay stretched over the images,
 * the localization metrics and their differences are left out: they are not those of the runs measured now.
 * @throws WeakspotError `model` if it is no comparison, or its file is damaged.
 */
export async function readComparison(path: string): Promise<{ root: string; content: ComparisonFile }> {
  const found = await stat(path).catch(() => undefined);
  const file = found?.isDirectory() === false ? resolve(path) : join(resolve(path), COMPARISON);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new WeakspotError('model', `${path} is neither a run nor a comparison.`, {
      hint: 'Give the folder that "weakspot train" or "weakspot compare" made.',
      cause: error,
    });
  }
  try {
    const content = comparisonSchema.parse(JSON.parse(text));
    return { root: dirname(file), content: content.format === 1 ? withoutLocalization(content) : content };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new WeakspotError('model', `${file} is not a readable comparison: ${reason}`, {
      hint: 'Give the folder that "weakspot compare" made.',
      cause: error,
    });
  }
}

function withoutLocalization(content: ComparisonFile): ComparisonFile {
  const isKept = (metric: string): boolean => !/^(locAp|hitRate)/.test(metric);
  return {
    ...content,
    table: content.table.map(({ scores, ...row }) => ({
      ...row,
      scores: Object.fromEntries(Object.entries(scores).filter(([metric]) => isKept(metric))),
    })),
    differences: content.differences.filter(({ metric }) => isKept(metric)),
  };
}

/** How a comparison tested its runs; undefined where its settings are not there, or not to be understood. */
export async function readTesting(root: string): Promise<ComparisonTesting | undefined> {
  try {
    return settingsSchema.parse(JSON.parse(await readFile(join(root, SETTINGS), 'utf8'))).settings;
  } catch {
    return undefined;
  }
}
