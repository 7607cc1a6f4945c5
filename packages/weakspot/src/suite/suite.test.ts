import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../compare/index.js';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { acquireLock, lockOf } from '../data/lock.js';
import { filesBelow, writeImages } from '../train/testing/runs.js';
import type { Suite, SuiteEvent } from './index.js';
import { runHere, suiteOf } from './testing/suites.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (...names: string[]): string => join(folder, ...names);
const out = at('suite');
const sets = {
  images: { path: at('images'), positive: 'lesion' },
  films: { phantoms: { count: 24, seed: 3, size: 64 }, config: { epochs: 1 } },
};
const suite = suiteOf({ sets }, out);
const read = (...path: string[]): Suite => JSON.parse(readFileSync(at(...path, 'suite.json'), 'utf8')) as Suite;
const typesOf = (events: readonly SuiteEvent[]): string[] =>
  events.map((event) => (event.type === 'compare' ? event.event.type : event.type));

let events: SuiteEvent[];
beforeAll(async () => {
  await writeImages(at('images'), 8);
  await writeImages(at('few'), 2);
  events = await runHere({ out, sets: suite });
});

describe('a suite', () => {
  it('makes its phantoms, looks at all sets, then compares on one after another', () => {
    expect(events[0]).toEqual({ type: 'suite', folder: out, sets: ['images', 'films'], settings: ['AvePool', 'stl'] });
    expect(events.find(({ type }) => type === 'checked')).toEqual({ type: 'checked', runs: 8 });
    const types = typesOf(events).filter((type) =>
      ['phantoms', 'checked', 'set', 'plan', 'run', 'done'].includes(type),
    );
    expect([...new Set(types)]).toEqual(['phantoms', 'checked', 'set', 'plan', 'run', 'done']);
    expect(types.filter((type) => type === 'phantoms')).toHaveLength(24);
    const begun = events.flatMap((event) => (event.type === 'set' ? [[event.set, event.number, event.total]] : []));
    expect(begun).toEqual([
      ['images', 1, 2],
      ['films', 2, 2],
    ]);
    const runs = events.flatMap((event) =>
      event.type === 'compare' && event.event.type === 'run' ? [event.event.run] : [],
    );
    expect(runs.map(({ method, seed }) => `${method}-${seed}`)).toEqual(
      suite.flatMap(() => ['AvePool-0', 'stl-0', 'AvePool-1', 'stl-1']),
    );
  });

  it('leaves a comparison of each set, and what all say together', () => {
    expect(readdirSync(out).toSorted()).toEqual(['data', 'films', 'images', 'suite.json', 'suite.md']);
    expect(filesBelow(at('suite', 'films'))).toContain('comparison.json');
    const result = read('suite');
    expect(result).toEqual(events.at(-1)?.type === 'done' ? (events.at(-1) as { suite: Suite }).suite : undefined);
    expect(result.sets.map(({ name, state }) => [name, state])).toEqual([
      ['images', 'done'],
      ['films', 'done'],
    ]);
    expect(result.tests.map(({ title, located }) => [title, located > 0])).toEqual([
      ['images', false],
      ['films', true],
    ]);
    const comparison = JSON.parse(readFileSync(at('suite', 'films', 'comparison.json'), 'utf8')) as Comparison;
    for (const [i, row] of (result.tests[1]?.rows ?? []).entries()) {
      expect([row.setting, row.auc, row.atTolerance.gain, row.inRegion.gain]).toEqual([
        comparison.methods[i],
        comparison.table[i]?.scores.auc,
        comparison.table[i]?.scores.hitRateGain,
        comparison.inRegion?.table[i]?.scores.hitRateGain,
      ]);
    }
    // The images have no ground truth.
    expect(result.overall.inRegion.map(({ gain, auc }) => [gain?.tests, auc?.tests])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const text = readFileSync(at('suite', 'suite.md'), 'utf8');
    expect(text).toContain('## All test sets');
    expect(text).toContain('## films');
  });

  it('trains and tests nothing again, and gives the same result', async () => {
    const before = readFileSync(at('suite', 'suite.json'), 'utf8');
    const again = await runHere({ out, sets: suite });
    expect(typesOf(again).filter((type) => ['phantoms', 'train', 'evaluate'].includes(type))).toEqual([]);
    expect(readFileSync(at('suite', 'suite.json'), 'utf8')).toBe(before);
  });

  it('keeps what it told of sets that are done until it tells it again', async () => {
    const place = at('again');
    cpSync(out, place, { recursive: true });
    rmSync(join(place, 'images'), { recursive: true });
    const before = read('again');
    const found: unknown[] = [];
    const controller = new AbortController();
    await runHere({ out: place, sets: suiteOf({ sets }, place) }, { signal: controller.signal }, (event) => {
      // The first set is done, and the other not yet looked at again.
      if (event.type !== 'set' || event.set !== 'films') return;
      found.push(read('again'));
      controller.abort();
    });
    expect(found).toEqual([before]);
    await runHere({ out: place, sets: suiteOf({ sets }, place) });
    expect(read('again')).toEqual(read('suite'));
  });

  it('is worked in by one process at a time', async () => {
    const lock = await acquireLock(lockOf(out), 'a suite of comparisons');
    const error = await failureOf(() => runHere({ out, sets: suite }));
    await lock.release();
    expect(error.code).toBe('busy');
  });

  it('stopped at any point says so, and goes on to the same bits', async () => {
    const other = at('stopped');
    const asked = suiteOf({ sets }, other);
    const stops: ((event: SuiteEvent) => boolean)[] = [
      (event) => event.type === 'phantoms' && event.done === 5,
      (event) => event.type === 'checked',
      (event) => event.type === 'compare' && event.event.type === 'train' && event.event.event.type === 'epoch',
      (event) =>
        event.type === 'compare' && event.set === 'films' && event.event.type === 'run' && event.event.run.number === 2,
      (event) => event.type === 'compare' && event.set === 'films' && event.event.type === 'resample',
    ];
    for (const isTime of stops) {
      const controller = new AbortController();
      const seen: SuiteEvent[] = [];
      await runHere({ out: other, sets: asked }, { signal: controller.signal }, (event) => {
        seen.push(event);
        if (isTime(event)) controller.abort();
      });
      expect(seen.filter(({ type }) => type === 'stopped')).toEqual([{ type: 'stopped', folder: other }]);
      expect(readdirSync(other)).not.toContain('weakspot.lock');
    }
    await runHere({ out: other, sets: asked });
    for (const file of ['suite.json', 'suite.md'])
      expect(readFileSync(join(other, file), 'utf8')).toBe(readFileSync(join(out, file), 'utf8'));
  }, 60_000);
});

describe('a set that cannot be compared', () => {
  it('is told with all others like it before anything is trained', async () => {
    const place = at('missing');
    const asked = suiteOf(
      {
        sets: {
          ...sets,
          none: { path: at('nowhere') },
          few: { path: at('few'), positive: 'lesion', split: { train: 0.5, validation: 0, test: 0.5 } },
          lost: { path: at('images'), positive: 'lesion', tests: [at('lost')] },
        },
      },
      place,
    );
    const seen: SuiteEvent[] = [];
    const error = await failureOf(() => runHere({ out: place, sets: asked }, {}, (event) => seen.push(event)));
    expect([error.code, error.message]).toEqual([
      'data',
      `Nothing was trained, as 3 of 5 sets cannot be compared:\n  none: there is no file or folder ${at('nowhere')}\n` +
        `  few: The training part has 2 images, fewer than one minibatch of 4.\n` +
        `  lost: there is no file or folder ${at('lost')}`,
    ]);
    expect(typesOf(seen)).not.toContain('run');
    expect(readdirSync(place).toSorted()).toEqual(['data', 'suite.json', 'suite.md']);
  });

  it('with settings that have changed names them', async () => {
    const asked = suiteOf({ sets, config: { epochs: 3 } }, out);
    const error = await failureOf(() => runHere({ out, sets: asked }));
    expect([error.code, error.message]).toEqual([
      'exists',
      expect.stringMatching(
        /1 of 2 sets cannot be compared:\n {2}images: .*other settings:\n {4}methods\.0\.config\.epochs: 2 -> 3/,
      ),
    ]);
    const films = suiteOf({ sets: { ...sets, films: { phantoms: { count: 25, seed: 3, size: 64 } } } }, out);
    const made = await failureOf(() => runHere({ out, sets: films }));
    expect([made.code, made.message]).toEqual(['exists', expect.stringContaining('made otherwise: count 24, not 25')]);
  });

  it('later does not keep the others from being finished, and is said', async () => {
    const place = at('failing');
    const asked = suiteOf({ sets }, place);
    let trained = 0;
    const seen: SuiteEvent[] = [];
    await runHere(
      { out: place, sets: asked },
      {
        // oxlint-disable-next-line require-yield -- it fails before its first event
        train: async function* () {
          trained++;
          throw new WeakspotError('io', 'the disk is full');
        },
      },
      (event) => seen.push(event),
    );
    expect(trained).toBe(2);
    expect(seen.flatMap((event) => (event.type === 'failed' ? [[event.set, event.message]] : []))).toEqual([
      ['images', 'the disk is full'],
      ['films', 'the disk is full'],
    ]);
    expect(read('failing').sets.map(({ state, error }) => [state, error?.code])).toEqual(
      suite.map(() => ['failed', 'io']),
    );
    expect(readFileSync(at('failing', 'suite.md'), 'utf8')).toContain('- **films: failed: the disk is full**');
    const again = await runHere({ out: place, sets: asked });
    expect(again.at(-1)).toMatchObject({ type: 'done', suite: { sets: [{ state: 'done' }, { state: 'done' }] } });
    expect(readFileSync(at('failing', 'suite.json'), 'utf8')).toBe(readFileSync(at('suite', 'suite.json'), 'utf8'));
  });
});

describe('the folder of a suite', () => {
  it('is refused where it holds anything else, and left as it is', async () => {
    const place = at('foreign');
    writeTree(place, { 'notes.txt': 'mine' });
    for (const [held, what] of [
      [place, 'holds no suite'],
      [at('suite', 'films'), 'holds a comparison, not a suite'],
    ] as const) {
      const before = filesBelow(held);
      const error = await failureOf(() => runHere({ out: held, sets: suiteOf({ sets }, held), force: true }));
      expect([error.code, error.message]).toEqual(['exists', expect.stringContaining(what)]);
      expect(filesBelow(held)).toEqual(before);
    }
  });

  it('starts over with force, films that are asked for otherwise too', async () => {
    const place = at('failing');
    const asked = suiteOf({ sets: { films: { phantoms: { count: 20, seed: 3, size: 64 } } } }, place);
    const seen = await runHere({ out: place, sets: asked, force: true });
    const runs = seen.flatMap((event) =>
      event.type === 'compare' && event.event.type === 'run' ? [event.event.state] : [],
    );
    expect(runs).toEqual(['new', 'new', 'new', 'new']);
    expect(read('failing').tests.map(({ title }) => title)).toEqual(['films']);
  });

  it('with phantoms that are damaged does not train on something else', async () => {
    const place = at('damaged');
    const asked = suiteOf({ sets: { films: sets.films } }, place);
    writeTree(place, {
      'suite.json': '{ "weakspot": "0.1.0"',
      'data/films/phantoms.json': '{',
      'data/films/labels.csv': 'x',
    });
    const error = await failureOf(() => runHere({ out: place, sets: asked }));
    expect([error.code, error.message]).toEqual(['exists', expect.stringContaining('holds something else')]);
    rmSync(join(place, 'data'), { recursive: true });
    writeFileSync(join(place, 'suite.json'), '{ "weakspot": "0.1.0"');
    expect((await runHere({ out: place, sets: asked })).at(-1)).toMatchObject({ type: 'done' });
  });
});
