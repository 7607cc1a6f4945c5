import { describe, expect, it } from 'vitest';
import { VERSION } from '../version.js';
import { weakspot } from './testing/command.js';

/** Verbs and their options as users know them: a change here breaks somebody's script. */
const verbs = {
  phantom: '--count --seed --size --positives --bits --bright --force --json',
  inspect: '--out --images --boxes --positive --format --split --seed --force --json',
  split: '--out --split --folds --seed --anew --format --images --positive --strict --force --json',
  train:
    '--out --config --preset --method --network --size --epochs --batch --learning-rate --init --seed --threads --device ' +
    '--split --split-file --split-seed --folds --fold --format ' +
    '--images --boxes --positive --strict --set --data --accept-changes --resume --force --cache --no-cache --cache-size --tensorboard --json',
  evaluate:
    '--data --format --images --boxes --positive --part --checkpoint --map --tolerance --full --resamples --seed --strict ' +
    '--threads --device --cache --no-cache --cache-size --json',
  compare:
    '--out --methods --seeds --folds --test --suite --config --preset --network --size --epochs --batch --learning-rate --init --threads --device --split --split-file --split-seed --format --images --boxes --positive --strict --set --checkpoint --tolerance --resamples --level --data --accept-changes --force --cache --no-cache --cache-size --tensorboard --json',
  localize:
    '--out --checkpoint --map --min-probability --threshold --frame --no-overlay --strict --threads --device --force --json',
  report:
    '--out --data --format --data-images --boxes --part --images --seed --title --checkpoint --map --tolerance --strict --threads --device --cache --no-cache --cache-size --force --json',
  export: '--out --checkpoint --map --force',
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
    [['predict', 'model.onnx', 'film.png'], 'weakspot localize'],
    [['infer', 'model.onnx'], 'weakspot localize'],
    [['test', 'run'], 'weakspot evaluate'],
    [['eval', 'run'], 'weakspot evaluate'],
    [['fit', 'films'], 'weakspot train'],
    [['resume', 'run'], 'weakspot train --out RUN --resume'],
    [['train', 'films', '--lr', '0.01'], '--learning-rate'],
    [['train', 'films', '--lr0=0.01'], '--learning-rate'],
    [['train', 'films', '--batch-size', '8'], '--batch'],
    [['train', 'films', '--batch_size=8'], '--batch'],
    [['train', 'films', '--imgsz', '128'], '--size'],
    [['train', 'films', '--img-size', '128'], '--size'],
    [['train', 'films', '--weight-decay', '1e-4'], '--set optimizer.weightDecay=X'],
    [['compare', 'films', '--method', 'AvePool'], '--methods'],
    [['localize', 'run', 'film.png', '--conf', '0.5'], '--min-probability'],
  ])('%j names what another tool calls otherwise', async (args, ours) => {
    const { code, out, err } = await weakspot(...args);
    expect([code, out]).toEqual([2, []]);
    expect(err[0]).toMatch(/^error: unknown (command|option) '[^']+'\n/);
    expect(err[0]?.split('\n')[1]).toBe(`(Did you mean ${ours}?)`);
  });

  it('says how a graphics card is asked for, and which presets there are', async () => {
    const { err } = await weakspot('train', 'films', '--device', 'gpu');
    expect(err[0]).toContain('A graphics card is webgpu or cuda; auto takes one that works and is faster.');
    const { code, err: preset } = await weakspot('train', 'films', '--preset', 'papr');
    expect(code).toBe(2);
    expect(preset[0]).toMatch(/did you mean "paper"[^]*\n {2}paper: .*\n {2}compact: .*\n {2}small: /);
    expect((await weakspot('train', '--help')).out.join('\n')).toMatch(/--preset[^]*paper\s+\(the\s+paper's\s+network/);
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
    [['evaluate', 'run', '--format', 'table'], '--format needs --data'],
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
    [['evaluate', 'run', '--full', '--resamples', '0'], '--resamples'],
    [['evaluate', 'run', '--resamples', '100'], '--resamples needs --full'],
    [['evaluate', 'run', '--seed', '3'], '--seed needs --full'],
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
