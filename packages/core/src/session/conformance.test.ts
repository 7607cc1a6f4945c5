import * as onnxruntime from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Provider, providers } from '../graph/index.js';
import { checks, tolerances } from './testing/conformance/index.js';
import { type CheckResult, checkInProcess, softwareGpu } from './testing/conformance/software-gpu.js';

it('every check has a name of its own', () => {
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

describe('on the CPU', () => {
  it.each(checks)('$name', async ({ run }) => {
    expect(await run(onnxruntime, 'cpu')).toBeLessThanOrEqual(tolerances.cpu);
  });
});

/** Providers of this machine that are to be checked too, as `WEAKSPOT_TEST_PROVIDERS=cuda,webgpu`. */
const named = (process.env['WEAKSPOT_TEST_PROVIDERS'] ?? '').split(',').filter((name) => name !== '');
const asked = providers.filter((provider) => named.includes(provider));

it('only providers that there are can be asked for', () => expect(named).toEqual(asked));

const targets: [string, Provider, Readonly<Record<string, string>> | undefined][] = [
  ['WebGPU on a GPU in software (needs chromium)', 'webgpu', softwareGpu],
  ...asked.map((provider): (typeof targets)[number] => [`${provider} of this machine`, provider, {}]),
];

for (const [title, provider, environment] of targets) {
  // Outside CI chromium may be missing; in CI it may not.
  describe.skipIf(environment === undefined && process.env['CI'] === undefined)(`on ${title}`, () => {
    let results: ReadonlyMap<string, CheckResult>;
    beforeAll(async () => {
      results = await checkInProcess(provider, environment ?? {});
    }, 300_000);

    it.each(checks)('$name', ({ name }) => {
      const result = results.get(name);
      expect(result?.problem).toBeUndefined();
      expect(result?.error).toBeLessThanOrEqual(tolerances[provider]);
    });
  });
}
