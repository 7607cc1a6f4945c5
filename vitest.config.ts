import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

// The tests run what `tsc -b` built, the same JavaScript that is published (worker threads included).
export default defineConfig({
  test: {
    include: ['packages/*/dist/**/*.test.js'],
    reporters: ['default', new SummaryReporter()],
    // ONNX Runtime reports its use to its makers unless told not to.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two workers at most: the engine's own threads use the cores.
    maxWorkers: 2,
  },
});
