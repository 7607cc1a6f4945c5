import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { type Document, LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parse, parseDocument } from 'yaml';
import type { PartialConfig } from '../run/config.js';

/** A configuration file's content, and the line at which a key stands. */
export interface ConfigFile {
  readonly content: PartialConfig;
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** A YAML file of keys with values, and the line at which a key stands. */
export interface KeyFile {
  readonly content: object;
  /** Of the last key on a path that the file has. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** How an error names a file, and what it says to do. */
interface KeyFileWords {
  /** Such as `configuration`. */
  readonly what: string;
  /** Where it cannot be read. */
  readonly hint: string;
  /** A line that it might begin with. */
  readonly example: string;
}

/**
 * Reads a YAML configuration. Paths in `data` and `compare` are relative to the file.
 * @throws WeakspotError `config` with file and line, if it is missing or not YAML.
 */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const { content, lineOf: lines } = await readKeyFile(file, {
    what: 'configuration',
    hint: '--config takes a YAML file; the folder of images goes before the options.',
    example: 'epochs: 40',
  });
  return { content: withPathsFrom(dirname(file), content), lineOf: lines };
}

/** @throws WeakspotError `config` with file and line, if it is missing, not YAML, or does not consist of keys. */
export async function readKeyFile(file: string, { what, hint, example }: KeyFileWords): Promise<KeyFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new WeakspotError('config', `Cannot read the ${what} ${file}: ${messageOf(error)}`, { hint, cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line;
    throw new WeakspotError('config', `${file}:${line}: not YAML: ${problem.message.split('\n')[0]}`, {
      hint: 'The file must be YAML.',
    });
  }
  const content = contentOf(document, file);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new WeakspotError('config', `${file}:1: the ${what} must consist of keys with values.`, {
      hint: `Begin with a line such as "${example}".`,
    });
  }
  return { content, lineOf: (path) => lineOf(document, lines, path) };
}

function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // Such as an alias without its anchor, which is found only here.
    throw new WeakspotError('config', `${file}: not YAML: ${messageOf(error)}`, {
      hint: 'The file must be YAML.',
      cause: error,
    });
  }
}

/** The line of the last key on a path, or of the last one that the file has. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    let place: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      [place, node] = [pair?.key, pair?.value];
    } else if (isSeq(node)) {
      place = node = node.items[Number(key)];
    }
    if (!isNode(place) || place.range == null) return line;
    line = lines.linePos(place.range[0]).line;
  }
  return line;
}

function withPathsFrom(folder: string, content: object): PartialConfig {
  const { data, compare, ...rest } = content as { data?: unknown; compare?: unknown };
  return {
    ...resolvePaths(folder, rest, ['init']),
    ...(data === undefined ? {} : { data: dataFrom(folder, data) }),
    ...(compare === undefined ? {} : { compare: comparisonFrom(folder, compare) }),
  };
}

function dataFrom(folder: string, data: unknown): unknown {
  if (!isSection(data)) return data;
  const resolved = resolvePaths(folder, data, ['path', 'images', 'boxes']);
  const { split } = resolved;
  return isSection(split) ? { ...resolved, split: resolvePaths(folder, split, ['file']) } : resolved;
}

function comparisonFrom(folder: string, compare: unknown): unknown {
  if (!isSection(compare)) return compare;
  const { methods } = compare as { methods?: unknown };
  const own = Array.isArray(methods)
    ? {
        methods: methods.map((method: unknown) =>
          isSection(method) ? resolvePaths(folder, method, ['init']) : method,
        ),
      }
    : {};
  const { tests } = compare as { tests?: unknown };
  if (!Array.isArray(tests)) return { ...compare, ...own };
  const resolved = tests.map((test: unknown) => {
    if (isSection(test)) return resolvePaths(folder, test, ['path', 'images', 'boxes']);
    return typeof test === 'string' && !isAbsolute(test) ? join(folder, test) : test;
  });
  return { ...compare, ...own, tests: resolved };
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolvePaths(folder: string, section: object, paths: readonly string[]): Record<string, unknown> {
  const resolved = Object.entries(section).map(([key, value]): [string, unknown] => {
    const isPath = paths.includes(key) && typeof value === 'string';
    return [key, isPath && !isAbsolute(value) ? join(folder, value) : value];
  });
  return Object.fromEntries(resolved);
}

/**
 * `optimizer.momentum=0.95` as a partial configuration; values are YAML.
 * @throws WeakspotError `usage` if there is no `=`, or the value is not YAML.
 */
export function parseSetting(text: string): PartialConfig {
  const equals = text.indexOf('=');
  const keys = text.slice(0, equals).split('.');
  if (equals < 1 || keys.some((key) => key === '')) {
    throw new WeakspotError('usage', `--set ${text}: not KEY=VALUE.`, {
      hint: 'For example --set optimizer.momentum=0.95',
    });
  }
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), parseValue(text, equals)) as PartialConfig;
}

function parseValue(setting: string, equals: number): unknown {
  try {
    return parse(setting.slice(equals + 1));
  } catch (error) {
    throw new WeakspotError('usage', `--set ${setting}: not YAML: ${messageOf(error).split('\n')[0]}`, {
      hint: 'The value is YAML: a number, a word, or a list such as [256, 256].',
      cause: error,
    });
  }
}
