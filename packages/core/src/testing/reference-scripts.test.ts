import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// This file is compiled to packages/core/dist/testing/.
const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** A Python that has these packages: Debian's is not always the first on the path. */
function pythonWith(packages: string): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', `import ${packages}`]).status === 0,
  );
}

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

const withTorch = pythonWith('torch, numpy');
const sets = [
  ['ops', 'packages/core/src/graph/testing/ops.json', 'python3-torch', withTorch],
  ['networks', 'packages/core/src/stl/testing/networks.json', 'python3-torch', withTorch],
  ['terms', 'packages/core/src/stl/testing/terms.json', 'python3-torch', withTorch],
  ['metrics', 'packages/core/src/metrics/testing/metrics.json', 'python3-sklearn', pythonWith('sklearn, scipy, numpy')],
  ['comparison', 'packages/core/src/metrics/testing/comparison.json', 'python3-torch', withTorch],
] as const;

describe('the stored reference numbers', () => {
  for (const [name, file, debian, python] of sets) {
    // Outside CI Python's packages may be missing; in CI they may not.
    const missing = python === undefined && process.env['CI'] === undefined;
    it.skipIf(missing)(`are what scripts/reference/${name}.py makes (needs ${debian})`, { timeout: 180_000 }, () => {
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
