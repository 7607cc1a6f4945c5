import { describe, expect, it } from 'vitest';
import { VERSION } from '../version.js';
import { weakspot } from './testing/command.js';

/** Verbs and their options as users know them: a change here breaks somebody's script. */
const verbs = {
  phantom: '--count --seed --size --positives --bits --force --json',
  inspect: '--out --images --boxes --positive --format --split --seed --force --json',
  split: '--out --split --folds --seed --anew --format --images --positive --strict --force --json',
  train:
    '--out --config --method --network --size --epochs --batch --learning-rate --seed --threads --device --format ' +
    '--split --folds --fold --split-file --split-seed ' +
    '--images --boxes --positive --strict --set --resume --force --cache --no-cache --json',
  evaluate:
    '--data --format --images --boxes --positive --part --checkpoint --map --tolerance --strict --threads --device --cache --no-cache ' +
    '--json',
  localize:
    '--out --checkpoint --map --min-probability --threshold --no-overlay --strict --threads --device --force --json',
  export: '--out --checkpoint --force',
  doctor: '--json',
};

describe('weakspot', () => {
  it.each(Object.entries(verbs))('%s --help tells all its options on standard output', async (verb, flags) => {
    const { code, out, err } = await weakspot(verb, '--help');
    expect([code, err]).toEqual([0, []]);
    const text = out.join('\n');
    expect(text).toMatch(new RegExp(`^Usage: weakspot ${verb} `));
    const found = [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1]);
    expect(found.join(' ')).toBe(`${flags} --help`);
    // Defaults are shown as users would write them.
    expect(text).not.toContain('{}');
  });

  it('--help lists the verbs, with what each is for', async () => {
    const { code, out } = await weakspot('--help');
    expect(code).toBe(0);
    const listed = [...out.join('\n').matchAll(/^ {2}([a-z]+) .*?  (.+)$/gm)].map((match) => match[1]);
    expect(listed).toEqual([...Object.keys(verbs), 'help']);
  });

  it('--version says which', async () => {
    expect(await weakspot('--version')).toEqual({ code: 0, out: [VERSION], err: [] });
  });

  it.each([
    [['trian', 'films'], "unknown command 'trian'", 'train'],
    [['train', 'films', '--epoch', '3'], "unknown option '--epoch'", '--epochs'],
    [['evaluate', 'run', '--jsn'], "unknown option '--jsn'", '--json'],
  ])('%j is wrong usage, and the nearest word is named', async (args, problem, suggestion) => {
    const { code, out, err } = await weakspot(...args);
    expect([code, out]).toEqual([2, []]);
    expect(err[0]).toBe(`error: ${problem}\n(Did you mean ${suggestion}?)`);
    expect(err.at(-1)).toContain('add --help for help');
  });

  it.each([
    [['train', 'films', '--size', '0', '--out', 'x'], '--size'],
    [['train', 'films', '--size', '64x', '--out', 'x'], '--size'],
    [['train', 'films', '--size', '64x0', '--out', 'x'], '--size'],
    [['train', 'films', '--split', '2', '--out', 'x'], '--split'],
    [['train', 'films', '--split', '0:1', '--out', 'x'], '--split'],
    [['train', 'films', '--split', '1:', '--out', 'x'], '--split'],
    [['train', 'films', '--split', '1:-1', '--out', 'x'], '--split'],
    [['train', 'films', '--split', '1:1:1:1', '--out', 'x'], '--split'],
    [['train', 'films', '--split', 'Infinity:1', '--out', 'x'], '--split'],
    [['train', 'films', '--folds', '1', '--out', 'x'], '--folds'],
    [['train', 'films', '--split', '1:1', '--folds', '3', '--out', 'x'], '--split and --folds'],
    [['train', 'films', '--split-file', 's.csv', '--folds', '3', '--out', 'x'], '--folds and --split-file'],
    [['inspect', 'films', '--format', 'tabel'], '--format'],
    [['inspect', 'films', '--split', '1'], '--split'],
    [['train', 'films', '--format', 'tabel', '--out', 'x'], '--format'],
    [['evaluate', 'run', '--format', 'tabel', '--data', 'films'], '--format'],
    [['evaluate', 'run', '--format', 'table'], '--format goes with --data'],
    [['split', 'films'], '--out'],
    [['split', 'films', '--split', '1:1', '--folds', '2', '--out', 'x'], '--split and --folds'],
    [['train', 'films', '--method', 'CAM', '--out', 'x'], '--method'],
    [['train', 'films', '--network', 'vgg', '--out', 'x'], '--network'],
    [['train', 'films', '--epochs', '1.5', '--out', 'x'], '--epochs'],
    [['train', 'films', '--batch', '', '--out', 'x'], '--batch'],
    [['train', 'films', '--learning-rate', '0', '--out', 'x'], '--learning-rate'],
    [['train', 'films', '--learning-rate', 'Infinity', '--out', 'x'], '--learning-rate'],
    [['train', 'films', '--seed', '-1', '--out', 'x'], '--seed'],
    [['phantom', 'x', '--bits', '12'], '--bits'],
    [['phantom', 'x', '--size', '63'], '--size'],
    [['phantom', 'x', '--positives', '1.1'], '--positives'],
    [['localize', 'run', 'films', '--threshold', 'half', '--out', 'x'], '--threshold'],
    [['localize', 'run', 'films', '--min-probability', '-0.1', '--out', 'x'], '--min-probability'],
    [['evaluate', 'run', '--part', 'rest'], '--part'],
    [['evaluate', 'run', '--checkpoint', 'first'], '--checkpoint'],
    [['train', 'films', '--device', 'gpu', '--out', 'x'], '--device'],
    [['evaluate', 'run', '--device', 'gpu'], '--device'],
    [['localize', 'run', 'films', '--device', 'gpu', '--out', 'x'], '--device'],
    [['export', 'run'], '--out'],
  ])('%j is wrong usage, naming the option', async (args, option) => {
    const { code, out, err } = await weakspot(...args);
    expect([code, out]).toEqual([2, []]);
    expect(err[0]).toMatch(/^error: /);
    expect(err[0]).toContain(option);
  });

  it('without a verb shows the help and is wrong usage', async () => {
    const { code, out, err } = await weakspot();
    expect([code, out]).toEqual([2, []]);
    expect(err.join('\n')).toContain('Usage: weakspot');
  });
});
