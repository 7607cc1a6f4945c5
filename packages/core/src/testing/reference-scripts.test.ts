import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// This file is compiled to packages/core/dist/testing/.
const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** A Python that has PyTorch: Debian's is not always the first on the path. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch, numpy']).status === 0,
);

/** Compares parsed JSON: equal but for rounding, which depends on the machine's linear algebra. */
function expectClose(found: unknown, stored: unknown, path: string): void {
  if (typeof stored === 'number' && typeof found === 'number') {
    const error = Math.abs(found - stored) / Math.max(1e-6, Math.abs(stored));
    if (error > 1e-6) expect.fail(`${path}: ${found} is not ${stored}`);
  } else if (typeof stored === 'object' && stored !== null && typeof found === 'object' && found !== null) {
    if (Object.keys(found).length !== Object.keys(stored).length) expect.fail(`${path}: other keys`);
    for (const [key, value] of Object.entries(stored)) {
      if (key !== 'madeBy') expectClose((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else if (found !== stored) {
    expect.fail(`${path}: ${String(found)} is not ${String(stored)}`);
  }
}

// Outside CI PyTorch may be missing; in CI it may not.
describe.skipIf(python === undefined && process.env['CI'] === undefined)('the stored reference numbers', () => {
  const sets: [string, string][] = [
    ['ops', 'packages/core/src/graph/testing/ops.json'],
    ['networks', 'packages/core/src/stl/testing/networks.json'],
    ['comparison', 'packages/core/src/metrics/testing/comparison.json'],
  ];
  for (const [name, file] of sets) {
    it(`are what scripts/reference/${name}.py makes (needs python3-torch)`, { timeout: 180_000 }, () => {
      const folder = mkdtempSync(join(tmpdir(), 'weakspot-reference-'));
      try {
        const made = join(folder, 'made.json');
        const script = join(repository, 'scripts', 'reference', `${name}.py`);
        const run = spawnSync(python ?? 'python3', [script, made], { encoding: 'utf8' });
        expect(run.status, run.stderr).toBe(0);
        const [found, stored] = [made, join(repository, file)].map((path): unknown =>
          JSON.parse(readFileSync(path, 'utf8')),
        );
        expectClose(found, stored, name);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
