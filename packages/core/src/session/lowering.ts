import { type Lowering, type Provider, conv2d, createGraph, encodeOnnx, float32, lowerings } from '../graph/index.js';
import { type OnnxRuntime, createSession } from './session.js';

/** Block sizes of ONNX Runtime's processors: AVX-512, AVX, and NEON. */
const BLOCKS = [16, 8, 4] as const;

/**
 * The forms of the ops that run best on a provider of this machine. On CPU that includes the blocked convolution, if a
 * small one gives what the standard convolution gives: its op is internal to ONNX Runtime, and its block another on
 * other processors.
 */
export async function chooseLowering(runtime: OnnxRuntime, provider: Provider): Promise<Lowering> {
  const base = lowerings[provider];
  if (provider !== 'cpu') return base;
  const expected = await convolved(runtime, base);
  for (const nchwcBlock of BLOCKS) {
    const lowering = { ...base, nchwcBlock };
    const found = await convolved(runtime, lowering).catch(() => undefined);
    if (found?.every((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)) < 1e-4) === true) {
      return lowering;
    }
  }
  return base;
}

/** A convolution of 32 with 16 channels whose values all differ, so that no other order of them gives the same. */
async function convolved(runtime: OnnxRuntime, lowering: Lowering): Promise<Float32Array> {
  const graph = createGraph();
  const shapes = { x: [1, 32, 5, 6], weight: [16, 32, 3, 3], bias: [16] };
  const inputs = Object.entries(shapes).map(([name, shape]) => graph.input(name, float32(shape)));
  const [x, weight, bias] = inputs as [(typeof inputs)[0], (typeof inputs)[0], (typeof inputs)[0]];
  graph.output('y', conv2d(x, weight, bias, { strides: [1, 1], pads: [1, 1, 1, 1] }));
  const session = await createSession(runtime, encodeOnnx(graph, { lowering }), { threads: 1 });
  try {
    const feeds = Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [name, { data: Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + size)), shape }] as const;
    });
    const { y } = await session.run(Object.fromEntries(feeds));
    return y?.data ?? new Float32Array();
  } finally {
    await session.release();
  }
}
