import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

/** Tests that measure memory, load a GPU's driver, or watch the process itself: each file in a process of its own. */
const alone = [
  'packages/core/dist/session/**/*.test.js',
  'packages/weakspot/dist/**/memory.test.js',
  'packages/weakspot/dist/train/{webgpu,device,failure}.test.js',
  'packages/weakspot/dist/device/*.test.js',
  'packages/weakspot/dist/data/threads/*.test.js',
  'packages/weakspot/dist/data/{fuzz,bad-input}.test.js',
  'packages/weakspot/dist/cli/{doctor,privacy,process}.test.js',
];

// The tests run what `tsc -b` built, the same JavaScript that is published (worker threads included).
export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter()],
    // ONNX Runtime reports its use to its makers unless told not to.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two workers at most: the engine's own threads use the cores.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // Loading a file's modules takes longer than most of the others' tests: these share a process.
      {
        extends: true,
        test: { name: 'together', include: ['packages/*/dist/**/*.test.js'], exclude: alone, isolate: false },
      },
    ],
  },
});
