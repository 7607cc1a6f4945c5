import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { WeakspotError } from '../errors.js';
import type { Provider } from '../graph/index.js';
import { runFailure } from './failure.js';
import type { Reader } from './reader.js';
import type { Feeds, KeepingRun, KeepingSession } from './session.js';
import { type DeviceTensor, type HostTensor, RuntimeTensor, dataOf, runtimeTensor } from './tensor.js';

/** A session of the runtime's, with what it keeps. */
export class RuntimeSession implements KeepingSession {
  readonly #session: InferenceSession;
  readonly #provider: Provider;
  readonly #keep: ReadonlySet<string>;
  readonly #openReader: () => Promise<Reader>;
  readonly #held = new Set<RuntimeTensor>();
  #reader: Promise<Reader> | undefined;
  #released: Promise<void> | undefined;

  constructor(session: InferenceSession, provider: Provider, keep: ReadonlySet<string>, reader: () => Promise<Reader>) {
    this.#session = session;
    this.#provider = provider;
    this.#keep = keep;
    this.#openReader = reader;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  async run(feeds: Feeds): Promise<KeepingRun> {
    const tensors: Record<string, Tensor> = {};
    for (const name of this.inputNames) {
      const feed = feeds[name];
      if (feed === undefined) throw new WeakspotError('engine', `The graph's input "${name}" was not fed.`);
      tensors[name] = runtimeTensor(feed, this.#provider, `Input "${name}"`);
    }
    try {
      return this.#sort(await this.#session.run(tensors));
    } catch (error) {
      throw runFailure(this.#provider, error);
    }
  }

  release(): Promise<void> {
    return (this.#released ??= this.#release());
  }

  async #release(): Promise<void> {
    // First what lies on the device: the runtime frees a device with its last session, and crashes on what is left of it.
    for (const tensor of this.#held) tensor.dispose();
    await this.#reader?.then((reader) => reader.release());
    await this.#session.release();
  }

  #sort(results: Readonly<Record<string, Tensor>>): KeepingRun {
    const outputs: Record<string, HostTensor> = {};
    const kept: Record<string, DeviceTensor> = {};
    for (const [name, tensor] of Object.entries(results)) {
      if (this.#keep.has(name)) kept[name] = this.#hold(tensor);
    }
    try {
      for (const [name, tensor] of Object.entries(results)) {
        if (!(name in kept)) outputs[name] = { data: dataOf(tensor, `output "${name}"`), shape: tensor.dims };
      }
    } catch (error) {
      for (const tensor of Object.values(kept)) tensor.dispose();
      throw error;
    }
    return { outputs, kept };
  }

  async #download(tensor: Tensor): Promise<Float32Array> {
    const opened = (this.#reader ??= this.#openReader());
    try {
      return await (await opened).read(tensor);
    } catch (error) {
      // A reader that did not open is not there to be released, and may open at the next try.
      await opened.catch(() => (this.#reader = undefined));
      throw error instanceof WeakspotError ? error : runFailure(this.#provider, error);
    }
  }

  #hold(tensor: Tensor): DeviceTensor {
    const held = new RuntimeTensor(tensor, {
      provider: this.#provider,
      download: () => this.#download(tensor),
      forget: () => void this.#held.delete(held),
    });
    this.#held.add(held);
    return held;
  }
}
