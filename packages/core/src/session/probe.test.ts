import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { probeProvider } from './index.js';
import { pretendRuntime } from './testing/runtimes.js';

/** Messages of ONNX Runtime 1.30, seen where the thing was missing. */
const said = {
  adapter:
    '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::' +
    'Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == ' +
    'wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
  device:
    '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:170 onnxruntime::webgpu::WebGpuContext::' +
    'Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> device_result.status == ' +
    'wgpu::RequestDeviceStatus::Success was false. Failed to get a WebGPU device: out of memory\n  more\n',
  cuda: 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
  cpuOnly:
    'This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been ' +
    'explicitly disabled by the user.',
};

describe('probeProvider', () => {
  it('finds the CPU of this machine', async () => {
    expect(await probeProvider(onnxruntime, 'cpu')).toEqual({ provider: 'cpu', available: true });
  });

  it('runs a graph, and releases the session', async () => {
    const runtime = pretendRuntime({ webgpu: {} });
    expect(await probeProvider(runtime, 'webgpu')).toEqual({ provider: 'webgpu', available: true });
    expect([runtime.asked, runtime.held()]).toEqual([['webgpu'], 0]);
  });

  it('does not load what the build has not, and says where it is', async () => {
    const runtime = pretendRuntime({ cpu: {} });
    const result = await probeProvider(runtime, 'dml');
    expect(result).toMatchObject({ available: false, reason: 'this build of ONNX Runtime does not have it' });
    expect(result.hint).toContain('Windows');
    expect(runtime.asked).toEqual([]);
  });

  it('tries where the runtime cannot tell what it has', async () => {
    const result = await probeProvider(pretendRuntime({ cpu: {} }, false), 'coreml');
    expect(result).toMatchObject({ available: false, reason: 'this build of ONNX Runtime does not have it' });
    expect(result.hint).toContain('macOS');
  });

  it.each([
    ['webgpu', said.adapter, 'no GPU adapter was found', /driver/],
    [
      'cuda',
      said.cuda,
      'its CUDA files, or libraries that they need, are not installed',
      /"Choose a device" in the documentation/,
    ],
    ['cuda', 'CUDA failure 100: no CUDA-capable device is detected', /no NVIDIA GPU responds/, /nvidia-smi/],
    ['coreml', said.cpuOnly, /leaves it to the CPU/, undefined],
    ['webgpu', said.device, 'Failed to get a WebGPU device: out of memory', undefined],
    ['webgpu', '', 'it gives no reason', undefined],
  ] as const)('%s: explains "%s"', async (provider, message, reason, hint) => {
    const result = await probeProvider(pretendRuntime({ [provider]: { fails: message } }), provider);
    expect(result.available).toBe(false);
    expect(result.reason).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
    expect(result.hint).toEqual(hint === undefined ? undefined : expect.stringMatching(hint));
  });

  it('makes a long message short', async () => {
    const result = await probeProvider(pretendRuntime({ dml: { fails: 'x'.repeat(5000) } }), 'dml');
    expect(result.reason).toHaveLength(200);
  });

  it('does not trust a provider that cannot add', async () => {
    const runtime = pretendRuntime({ webgpu: { factor: 2 } });
    expect(await probeProvider(runtime, 'webgpu')).toMatchObject({
      available: false,
      reason: 'it says that 1 + 2 is 6',
    });
    expect(runtime.held()).toBe(0);
  });
});
