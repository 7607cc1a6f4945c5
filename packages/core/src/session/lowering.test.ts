import * as onnxruntime from 'onnxruntime-node';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeOnnx, lowerings, providers } from '../graph/index.js';
import { type OnnxRuntime, chooseLowering } from './index.js';

/** ONNX Runtime, but for models with ops outside the standard, which `create` treats. */
function runtimeWith(create: (model: Uint8Array) => Promise<InferenceSession>): OnnxRuntime {
  const factory = {
    create: (model: Uint8Array, options?: InferenceSession.SessionOptions) =>
      decodeOnnx(model).opsetImport.length > 1 ? create(model) : InferenceSession.create(model, options),
  };
  return { InferenceSession: factory as unknown as OnnxRuntime['InferenceSession'] };
}

describe('chooseLowering', () => {
  it('adds to the forms of the CPU a block size that its processors know', async () => {
    const { nchwcBlock, ...others } = await chooseLowering(onnxruntime, 'cpu');
    expect([0, 4, 8, 16]).toContain(nchwcBlock);
    expect({ ...others, nchwcBlock: 0 }).toEqual(lowerings.cpu);
  });

  it('takes the table as it is for every other provider', async () => {
    for (const provider of providers.filter((name) => name !== 'cpu')) {
      expect(await chooseLowering(onnxruntime, provider)).toBe(lowerings[provider]);
    }
  });

  it('keeps the standard convolution where the runtime does not know the op', async () => {
    const runtime = runtimeWith(() =>
      Promise.reject(new Error('com.microsoft.nchwc:Conv(-1) is not a registered function')),
    );
    expect(await chooseLowering(runtime, 'cpu')).toBe(lowerings.cpu);
  });

  it('keeps the standard convolution where no block gives what it gives', async () => {
    const wrong = runtimeWith(async (model) => {
      const session = await InferenceSession.create(model);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: async (feeds: InferenceSession.FeedsType) => {
          const { y } = await session.run(feeds);
          const values = y?.data as Float32Array;
          values[7]! += 1;
          return { y };
        },
        release: () => session.release(),
      } as unknown as InferenceSession;
    });
    expect(await chooseLowering(wrong, 'cpu')).toBe(lowerings.cpu);
  });
});
