import { messageOf } from '@weakspot/core';
import type { z } from 'zod';
import type { IssueList } from '../issues.js';
import { readText } from '../text.js';

/** What a JSON file holds, checked; undefined, with an error that says where it is wrong, where it is something else. */
export async function readJson<T>(file: string, schema: z.ZodType<T>, issues: IssueList): Promise<T | undefined> {
  const text = await readText(file, issues);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    issues.error(`not JSON: ${messageOf(error)}`, { file });
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const field = first?.path.join('.');
  issues.error(first?.message ?? 'not as expected', {
    file,
    ...(field === undefined || field === '' ? {} : { field }),
  });
  return undefined;
}
