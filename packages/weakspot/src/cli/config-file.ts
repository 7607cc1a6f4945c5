import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { LineCounter, type Document, isNode, parse, parseDocument } from 'yaml';
import type { PartialConfig } from '../run/config.js';

/** A configuration file's content, and the line at which a key stands. */
export interface ConfigFile {
  readonly content: PartialConfig;
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/**
 * Reads a YAML configuration. Paths in `data` are relative to the file.
 * @throws WeakspotError `config` with file and line, if it is missing or not YAML.
 */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new WeakspotError('config', `Cannot read the configuration ${file}: ${messageOf(error)}`, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line;
    throw new WeakspotError('config', `${file}:${line}: ${problem.message.split('\n')[0]}`, {
      hint: 'The file must be YAML.',
    });
  }
  const content: unknown = document.toJS() ?? {};
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new WeakspotError('config', `${file}:1: the configuration must be keys with values.`, {
      hint: 'Begin with a line such as "epochs: 40".',
    });
  }
  return { content: withPathsFrom(dirname(file), content), lineOf: (path) => lineOf(document, lines, path) };
}

/** The line of the deepest node on a path; of an unknown key, the line it stands at. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length).map(String), true);
    if (isNode(node) && node.range != null) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function withPathsFrom(folder: string, content: object): PartialConfig {
  const { data, ...rest } = content as { data?: unknown };
  if (typeof data !== 'object' || data === null) return content;
  const resolved = Object.entries(data).map(([key, value]): [string, unknown] => {
    const isPath = ['path', 'images', 'boxes'].includes(key) && typeof value === 'string';
    return [key, isPath && !isAbsolute(value) ? join(folder, value) : value];
  });
  return { ...rest, data: Object.fromEntries(resolved) };
}

/**
 * `optimizer.momentum=0.95` as a partial configuration; values are YAML.
 * @throws WeakspotError `usage` if there is no `=`.
 */
export function parseSetting(text: string): PartialConfig {
  const equals = text.indexOf('=');
  const keys = text.slice(0, equals).split('.');
  if (equals < 1 || keys.some((key) => key === '')) {
    throw new WeakspotError('usage', `--set ${text}: not KEY=VALUE.`, {
      hint: 'For example --set optimizer.momentum=0.95',
    });
  }
  const value: unknown = parse(text.slice(equals + 1));
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as PartialConfig;
}
