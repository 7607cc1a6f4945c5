import type { Split } from '../dataset.js';

const WORDS: readonly (readonly [RegExp, Split])[] = [
  [/^train(ing)?$/, 'train'],
  [/^(val|valid|validation|dev)$/, 'validation'],
  [/^test(ing)?$/, 'test'],
];

/**
 * The split that a path names, by a word of the last of its parts that has one: `train/_annotations.coco.json`,
 * `annotations/instances_val2017.json`, `images/test`.
 */
export function splitInPath(path: string): Split | undefined {
  for (const part of path.split('/').toReversed()) {
    for (const word of part.toLowerCase().split(/[^a-z]+/)) {
      const named = WORDS.find(([pattern]) => pattern.test(word));
      if (named !== undefined) return named[1];
    }
  }
  return undefined;
}

/** The split that a folder's whole name means: `train`, `Testing`, `val`; undefined of any other name. */
export function splitOfFolder(name: string): Split | undefined {
  return WORDS.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1];
}
