import { Tensor } from 'onnxruntime-common';
import { WeakspotError } from '../errors.js';
import { type Provider, type Shape, sizeOf } from '../graph/index.js';

/** A float32 tensor on the host: row-major data and its shape. */
export interface HostTensor {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** A float32 tensor where its provider computes: on WebGPU a buffer of the GPU, else memory of the host. */
export interface DeviceTensor {
  readonly shape: Shape;
  /**
   * Its values on the host; they must not be changed.
   * @throws WeakspotError `engine` once disposed, or if the device does not give them.
   */
  read(): Promise<HostTensor>;
  /** Frees its memory at once; it can neither be fed nor read any more. Disposing again does nothing. */
  dispose(): void;
}

/** What a device tensor asks of the session that it came out of. Its memory lives no longer than that session. */
interface TensorOwner {
  readonly provider: Provider;
  /** Its values, where they are not on the host. */
  readonly download: () => Promise<Float32Array>;
  /** Told once, when it is disposed. */
  readonly forget: () => void;
}

/** A device tensor as the sessions see it: a tensor of the runtime. */
export class RuntimeTensor implements DeviceTensor {
  readonly shape: Shape;
  readonly #owner: TensorOwner;
  #tensor: Tensor | undefined;

  constructor(tensor: Tensor, owner: TensorOwner) {
    this.shape = tensor.dims;
    this.#tensor = tensor;
    this.#owner = owner;
  }

  async read(): Promise<HostTensor> {
    const tensor = this.#held();
    const data = isOnHost(tensor) ? dataOf(tensor, 'a kept output') : await this.#owner.download();
    return { data, shape: this.shape };
  }

  dispose(): void {
    if (this.#tensor === undefined) return;
    this.#tensor.dispose();
    this.#tensor = undefined;
    this.#owner.forget();
  }

  /**
   * The runtime's tensor, for a session on `provider`: another one would take the buffer for its own memory.
   * @throws WeakspotError `engine` if it lies on another device, or is disposed.
   */
  feedTo(provider: Provider): Tensor {
    const tensor = this.#held();
    if (isOnHost(tensor) || provider === this.#owner.provider) return tensor;
    throw new WeakspotError(
      'engine',
      `A tensor on "${this.#owner.provider}" cannot be fed to a graph on "${provider}".`,
      {
        hint: 'Read it, and feed what was read.',
      },
    );
  }

  #held(): Tensor {
    if (this.#tensor !== undefined) return this.#tensor;
    throw new WeakspotError('engine', 'A disposed tensor can no longer be used.', {
      hint: 'Releasing a session disposes the tensors that it kept: read them first.',
    });
  }
}

/** A tensor of the host in the guise of a device's. What it gives to read are the same data. */
export function hostAsDevice({ data, shape }: HostTensor): DeviceTensor {
  const owner = { provider: 'cpu', download: () => Promise.resolve(data), forget: () => undefined } as const;
  return new RuntimeTensor(hostTensor(data, shape, 'A tensor'), owner);
}

/**
 * What the runtime is fed.
 * @throws WeakspotError `engine` if the data do not fill the shape, or a device tensor cannot be fed to the provider.
 */
export function runtimeTensor(feed: HostTensor | DeviceTensor, provider: Provider, name: string): Tensor {
  if (feed instanceof RuntimeTensor) return feed.feedTo(provider);
  if ('data' in feed) return hostTensor(feed.data, feed.shape, name);
  throw new WeakspotError('engine', `${name} is a device tensor that no session made.`);
}

function hostTensor(data: Float32Array, shape: Shape, name: string): Tensor {
  if (data.length === sizeOf(shape)) return new Tensor('float32', data, shape);
  throw new WeakspotError('engine', `${name} has ${data.length} values for the shape [${shape.join(', ')}].`);
}

export function isOnHost({ location }: Tensor): boolean {
  return location === 'cpu' || location === 'cpu-pinned';
}

/** @throws Error naming the tensor unless it is float32. */
export function dataOf(tensor: Tensor, name: string): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new Error(`${name} is not float32`);
}
