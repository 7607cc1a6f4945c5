import { describe, expect, it } from 'vitest';
import { WeakspotError } from '../errors.js';
import type { Provider } from '../graph/index.js';
import { rejectionOf } from '../testing/thrown.js';
import { type ProviderReport, inspectProvider, resolveDevice, startOnDevice } from './index.js';
import { type Pretence, pretendRuntime } from './testing/runtimes.js';

const everything = { cpu: {}, webgpu: {}, cuda: {}, dml: {}, coreml: {} };
const good = { error: 1e-6, speed: 8 };

/** What `auto` finds where the providers are reported on like this; a provider that is not named is slow. */
async function automatic(reports: { readonly [P in Provider]?: Partial<ProviderReport> }, build: object = everything) {
  const inspected: Provider[] = [];
  const inspect = async (provider: Provider): Promise<ProviderReport> => {
    inspected.push(provider);
    return { provider, available: true, check: { error: 0, speed: 0.5 }, ...reports[provider] };
  };
  return { ...(await resolveDevice(pretendRuntime(build), 'auto', { inspect })), inspected };
}

describe('resolveDevice', () => {
  it('takes the CPU unasked', async () => {
    const runtime = pretendRuntime({});
    expect(await resolveDevice(runtime, 'cpu')).toEqual({ provider: 'cpu', notes: [] });
    expect(runtime.asked).toEqual([]);
  });

  it('takes a named provider that works, however slow', async () => {
    const runtime = pretendRuntime({ cpu: {}, webgpu: { milliseconds: 1e6 } });
    expect(await resolveDevice(runtime, 'webgpu')).toEqual({ provider: 'webgpu', notes: [] });
  });

  it('refuses a named provider that does not work, with the reason and what to do', async () => {
    const error = await rejectionOf(() => resolveDevice(pretendRuntime({ cpu: {} }), 'cuda'));
    expect(error.code).toBe('engine');
    expect(error.message).toBe('The device "cuda" cannot be used: this build of ONNX Runtime does not have it.');
    expect(error.hint).toMatch(/Linux on x64.*weakspot doctor.*auto/);
  });

  it.each<[string, Provider[], Provider]>([
    ['CUDA before all others', ['cuda', 'webgpu', 'dml'], 'cuda'],
    ['WebGPU before DirectML', ['webgpu', 'dml'], 'webgpu'],
    ['DirectML before the CPU', ['dml'], 'dml'],
    ['the CPU rather than CoreML', ['coreml'], 'cpu'],
    ['the CPU where nothing is faster', [], 'cpu'],
  ])('auto takes %s', async (_, fast, expected) => {
    const { provider } = await automatic(Object.fromEntries(fast.map((name) => [name, { check: good }])));
    expect(provider).toBe(expected);
  });

  it('inspects a named device the same way where it is told how, and takes it though it be slow', async () => {
    const inspected: Provider[] = [];
    const inspect = async (provider: Provider): Promise<ProviderReport> => {
      inspected.push(provider);
      return { provider, available: provider === 'webgpu', reason: 'no card', check: { error: 0, speed: 0.1 } };
    };
    expect(await resolveDevice(pretendRuntime({}), 'webgpu', { inspect })).toEqual({ provider: 'webgpu', notes: [] });
    const error = await rejectionOf(() => resolveDevice(pretendRuntime({}), 'cuda', { inspect }));
    expect([error.code, error.message, inspected]).toEqual([
      'engine',
      'The device "cuda" cannot be used: no card.',
      ['webgpu', 'cuda'],
    ]);
  });

  it('auto inspects nothing after what it takes, and nothing that the build has not', async () => {
    expect((await automatic({ webgpu: { check: good } })).inspected).toEqual(['cuda', 'webgpu']);
    const { inspected, notes } = await automatic({}, { cpu: {}, webgpu: {} });
    expect([inspected, notes.length]).toEqual([['webgpu'], 1]);
  });

  it('auto says of each provider before the one it takes why it is not used', async () => {
    const { provider, notes } = await automatic({
      cuda: { available: false, reason: 'its CUDA files are not installed' },
      webgpu: { check: { error: 1e-6, speed: 0.004 } },
      dml: { check: { error: 0.3, speed: 9 } },
    });
    expect(provider).toBe('cpu');
    expect(notes).toEqual([
      'cuda is not used: its CUDA files are not installed',
      'webgpu is not used: it is slower than the CPU (0.004 times its speed), as a software adapter is',
      "dml is not used: its results are wrong (they differ from the CPU's by 0.3)",
    ]);
  });

  it.each([Number.NaN, 0.5])(
    'auto does not take a provider whose results differ by %s, however fast',
    async (error) => {
      expect((await automatic({ webgpu: { check: { error, speed: 100 } } })).provider).toBe('cpu');
    },
  );

  it('auto allows for the shortened products of CUDA', async () => {
    expect((await automatic({ cuda: { check: { error: 0.002, speed: 20 } } })).provider).toBe('cuda');
  });
});

describe('inspectProvider', () => {
  const report = (pretence: Pretence): Promise<ProviderReport> => {
    const runtime = pretendRuntime({ cpu: { milliseconds: 20 }, webgpu: pretence });
    return inspectProvider(runtime, 'webgpu', { now: runtime.now });
  };

  it('compares with the CPU what works', async () => {
    expect(await report({ milliseconds: 10 })).toEqual({
      provider: 'webgpu',
      available: true,
      check: { error: 0, speed: 2 },
    });
  });

  it('tells of what does not, and of what adds but does not convolve', async () => {
    expect(await report({ fails: 'broken' })).toEqual({ provider: 'webgpu', available: false, reason: 'broken' });
    const { available, reason, check } = await report({ failsLarge: 'no shaders' });
    expect([available, check]).toEqual([false, undefined]);
    expect(reason).toMatch(/cannot run a convolution's gradient: .*no shaders/);
  });
});

describe('startOnDevice', () => {
  const inspect = async (provider: Provider): Promise<ProviderReport> => ({ provider, available: true, check: good });
  const runtime = pretendRuntime(everything);
  /** Fails with the error on every provider but the CPU. */
  const starter = (error: Error) => {
    const tried: Provider[] = [];
    const start = async (provider: Provider): Promise<string> => {
      tried.push(provider);
      if (provider !== 'cpu') throw error;
      return `started on ${provider}`;
    };
    return { tried, start };
  };

  it('starts what is asked for', async () => {
    const start = async (provider: Provider): Promise<string> => `started on ${provider}`;
    const expected = { started: 'started on cuda', device: { provider: 'cuda', notes: [] } };
    expect(await startOnDevice(runtime, 'auto', { inspect }, start)).toEqual(expected);
    expect(await startOnDevice(runtime, 'cuda', {}, start)).toEqual(expected);
  });

  it('goes back to the CPU where what auto chose does not start, and says so', async () => {
    const { tried, start } = starter(new WeakspotError('engine', 'out of memory'));
    expect(await startOnDevice(runtime, 'auto', { inspect }, start)).toEqual({
      started: 'started on cpu',
      device: { provider: 'cpu', notes: ['cuda is not used: out of memory'] },
    });
    expect(tried).toEqual(['cuda', 'cpu']);
  });

  it('does not for a named provider, nor for what is not the engine’s fault', async () => {
    const named = starter(new WeakspotError('engine', 'out of memory'));
    expect((await rejectionOf(() => startOnDevice(runtime, 'webgpu', {}, named.start))).message).toBe('out of memory');
    const other = starter(new WeakspotError('usage', 'too small'));
    expect((await rejectionOf(() => startOnDevice(runtime, 'auto', { inspect }, other.start))).code).toBe('usage');
    expect([named.tried, other.tried]).toEqual([['webgpu'], ['cuda']]);
  });
});
