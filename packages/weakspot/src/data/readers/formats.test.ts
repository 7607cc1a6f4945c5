import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formats, readerFormats } from './formats.js';
import { readers } from './index.js';

const docs = join(import.meta.dirname, '../../../../../docs/reference/datasets.md');

describe('formats', () => {
  it('are those of all readers that there are', () => {
    const sources = readdirSync(import.meta.dirname).filter((name) => /^[\w-]+\.js$/.test(name));
    const written = sources.flatMap((name) => {
      const text = readFileSync(join(import.meta.dirname, name), 'utf8');
      return [...text.matchAll(/^\s*format: '([\w-]+)',\s*title: /gm)].map(([, format = '']) => format);
    });
    expect(written.toSorted()).toEqual([...readerFormats].toSorted());
    expect(readers.map(({ format }) => format)).toEqual(readerFormats);
  });

  it('have a row each in the reference of data sets', () => {
    const rows = [...readFileSync(docs, 'utf8').matchAll(/^\| `(\w[\w-]*)`/gm)].map(([, format = '']) => format);
    expect(rows.toSorted()).toEqual([...formats].toSorted());
  });
});
