import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../testing/thrown.js';
import { checkProvider } from './index.js';
import { pretendRuntime } from './testing/runtimes.js';

describe('checkProvider', () => {
  it('finds that the CPU gives the same twice', async () => {
    expect(await checkProvider(onnxruntime, 'cpu', { threads: 1 })).toEqual({ error: 0, speed: 1 });
  });

  it('tells how far the results are from the CPU’s, relative to the largest', async () => {
    const runtime = pretendRuntime({ cpu: {}, webgpu: {}, dml: { factor: 1.001 }, cuda: { factor: Number.NaN } });
    const { now } = runtime;
    expect((await checkProvider(runtime, 'webgpu', { now })).error).toBeLessThan(1e-6);
    expect((await checkProvider(runtime, 'dml', { now })).error).toBeCloseTo(0.001, 5);
    expect((await checkProvider(runtime, 'cuda', { now })).error).toBeNaN();
    expect(runtime.held()).toBe(0);
  });

  it('tells how many times as fast as the CPU it is, by the clock', async () => {
    const runtime = pretendRuntime({ cpu: { milliseconds: 30 }, webgpu: { milliseconds: 5 } });
    expect((await checkProvider(runtime, 'webgpu', runtime)).speed).toBe(6);
    // Each size is loaded on both.
    expect(runtime.asked).toHaveLength(6);
  });

  it('gives a slow provider no larger size', async () => {
    const runtime = pretendRuntime({ cpu: { milliseconds: 2 }, webgpu: { milliseconds: 400 } });
    expect((await checkProvider(runtime, 'webgpu', runtime)).speed).toBe(0.005);
    expect(runtime.asked).toEqual(['cpu', 'webgpu']);
  });

  it('tells what the provider says where it cannot run it', async () => {
    const runtime = pretendRuntime({ cpu: {}, coreml: { fails: 'Conv is not for me' } });
    const error = await rejectionOf(() => checkProvider(runtime, 'coreml', runtime));
    expect([error.code, error.message]).toEqual(['engine', expect.stringContaining('Conv is not for me')]);
    expect(runtime.held()).toBe(0);
  });
});
