import {
  type Graph,
  type Provider,
  type Value,
  conv2d,
  createGraph,
  differentiate,
  encodeOnnx,
  float32,
  lowerings,
  mul,
  reduceSumSquare,
  relu,
  sizeOf,
} from '../graph/index.js';
import { Random } from '../random.js';
import { type HostTensor, type OnnxRuntime, type Session, createSession } from './session.js';

/** How a provider does a convolution's gradient, beside the CPU. */
export interface ProviderCheck {
  /** Largest difference from the CPU's values, relative to the largest of them; NaN if a value is not a number. */
  readonly error: number;
  /** How many times as fast as the CPU; 1 for the CPU itself. */
  readonly speed: number;
}

export interface CheckOptions {
  /** Threads of the CPU that the provider is compared with; ONNX Runtime's choice unless given. */
  readonly threads?: number;
  /** A clock in milliseconds; Date.now unless given. */
  readonly now?: () => number;
}

/** Images, channels and side of what is convolved: 0.4 MFLOP, 45 MFLOP and 7 GFLOP. */
const sizes = [
  [2, 4, 8],
  [4, 16, 32],
  [8, 64, 64],
] as const;

/** A provider that takes longer than this is not given the next size: a software adapter would need half a minute. */
const LONG_MS = 100;

/**
 * Runs a 3x3 convolution with ReLU and its gradients, on the provider and on the CPU, with the same numbers. The sizes
 * grow until one takes the provider long enough to be measured; what is told is the largest error of all, and the speed
 * at the last size.
 * @throws WeakspotError `engine` if the provider cannot run it.
 */
export async function checkProvider(
  runtime: OnnxRuntime,
  provider: Provider,
  options: CheckOptions = {},
): Promise<ProviderCheck> {
  let error = 0;
  let speed = Number.NaN;
  for (const [images, channels, side] of sizes) {
    const graph = convolutionGradient(images, channels, side);
    const cpu = await measure(runtime, 'cpu', graph, options);
    const other = await measure(runtime, provider, graph, options);
    error = largest(error, difference(other.outputs, cpu.outputs));
    // Date.now() does not see less than a millisecond.
    speed = Math.max(cpu.milliseconds, 1) / Math.max(other.milliseconds, 1);
    // Of the CPU there is nothing to measure: only whether it runs at all.
    if (provider === 'cpu') return { error, speed: 1 };
    if (other.milliseconds > LONG_MS) break;
  }
  return { error, speed };
}

/**
 * The gradients of sum(relu(conv(rows * columns, weight) + bias)^2) with regard to rows, weight and bias. The image is a
 * product of two small tensors, so that what is measured is the convolution and not the way to the device.
 */
function convolutionGradient(images: number, channels: number, side: number): Graph {
  const graph = createGraph();
  const rows = graph.input('rows', float32([images, channels, 1, side]));
  const columns = graph.input('columns', float32([1, 1, side, 1]));
  const weight = graph.input('weight', float32([channels, channels, 3, 3]));
  const bias = graph.input('bias', float32([channels]));
  const y = relu(conv2d(mul(rows, columns), weight, bias, { strides: [1, 1], pads: [1, 1, 1, 1] }));
  const sources: readonly Value[] = [rows, weight, bias];
  differentiate(graph, reduceSumSquare(y, [0, 1, 2, 3]), sources).forEach((gradient, index) => {
    if (gradient !== undefined) graph.output(`gradient/${sources[index]?.name}`, gradient);
  });
  return graph;
}

interface Measurement {
  readonly outputs: Readonly<Record<string, HostTensor>>;
  /** The shorter of two runs after one that is not counted, in which shaders are compiled. */
  readonly milliseconds: number;
}

async function measure(
  runtime: OnnxRuntime,
  provider: Provider,
  graph: Graph,
  { threads, now = Date.now }: CheckOptions,
): Promise<Measurement> {
  const session = await createSession(runtime, encodeOnnx(graph, { lowering: lowerings[provider] }), {
    provider,
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    const feeds = Object.fromEntries(graph.inputs.map(({ name, type }) => [name, numbers(name, type.shape)]));
    const outputs = await session.run(feeds);
    const first = await timed(session, feeds, now);
    return { outputs, milliseconds: Math.min(first, await timed(session, feeds, now)) };
  } finally {
    await session.release();
  }
}

async function timed(
  session: Session,
  feeds: Readonly<Record<string, HostTensor>>,
  now: () => number,
): Promise<number> {
  const began = now();
  await session.run(feeds);
  return now() - began;
}

/** The same standard normal numbers for every provider. */
function numbers(name: string, shape: readonly number[]): HostTensor {
  const random = new Random(0, 'check', name);
  return { data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()), shape };
}

/** The largest difference of any output's values, relative to that output's largest value. */
function difference(found: Measurement['outputs'], expected: Measurement['outputs']): number {
  return Object.entries(expected).reduce((worst, [name, { data }]) => {
    let [apart, size] = [0, 0];
    data.forEach((value, index) => {
      apart = largest(apart, Math.abs((found[name]?.data[index] ?? Number.NaN) - value));
      size = Math.max(size, Math.abs(value));
    });
    return largest(worst, apart / size);
  }, 0);
}

/** The larger of two; NaN is larger than any number. */
function largest(a: number, b: number): number {
  return a >= b || Number.isNaN(a) ? a : b;
}
