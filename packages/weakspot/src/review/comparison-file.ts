import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';

/** What a report needs of `comparison.json`; keys that it does not know are left alone. */
const comparisonSchema = z.object({
  format: z.literal(1),
  /** Test sets beside the runs' own test parts; an entry without a path is the own one. */
  tests: z.array(z.object({ name: z.string(), path: z.string().nullish() })).default([]),
  runs: z.array(z.object({ method: z.string(), folder: z.string() })).min(1),
});

export type ComparisonFile = z.infer<typeof comparisonSchema>;

const COMPARISON = 'comparison.json';

/**
 * Reads the comparison that a folder, or its comparison.json, holds.
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
    return { root: dirname(file), content: comparisonSchema.parse(JSON.parse(text)) };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new WeakspotError('model', `${file} is not a comparison that can be read: ${reason}`, {
      hint: 'Give the folder that "weakspot compare" made.',
      cause: error,
    });
  }
}
