import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import { runTraining } from './run-training.js';
import { eventsOf, tinyConfig, writeImages } from './testing/runs.js';
import { watchRuntime } from './testing/watched-runtime.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
beforeAll(() => writeImages(join(folder, 'images'), 4));

const WARM_UP = 10;
const RUNS = 50;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage().rss;
}

it(
  'fifty runs in one process release all that they held, and take no more memory than ten',
  { timeout: 120_000 },
  async () => {
    const { runtime, sessions, tensors } = watchRuntime();
    const request = {
      run: join(folder, 'run'),
      cache: undefined,
      resume: false,
      config: tinyConfig(join(folder, 'images'), { epochs: 1 }),
      force: true,
    } as const;
    let parameters = 0;
    let warm = 0;
    for (let run = 1; run <= RUNS; run++) {
      const events = await eventsOf(runTraining(request, { runtime, isStopped: () => false }));
      for (const event of events) if (event.type === 'start') parameters = event.parameters;
      expect([sessions.held, tensors.held]).toEqual([0, 0]);
      if (run === WARM_UP) warm = residentBytes();
    }
    // Sessions for steps and for inference; weights and momentum of eight layers and more after each call.
    expect(sessions.made).toBeGreaterThanOrEqual(2 * RUNS);
    expect(tensors.made).toBeGreaterThanOrEqual(2 * 2 * 8 * RUNS);
    // Whoever forgot one copy of the weights in each run would hold this much.
    const forgotten = (RUNS - WARM_UP) * parameters * Float32Array.BYTES_PER_ELEMENT;
    expect(forgotten).toBeGreaterThan(100e6);
    expect(residentBytes() - warm).toBeLessThan(forgotten / 4);
  },
);
