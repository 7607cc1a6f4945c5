import { WeakspotError, messageOf } from '../errors.js';
import { type Provider, providers } from '../graph/index.js';
import { type CheckOptions, type ProviderCheck, checkProvider } from './check.js';
import { type ProbeResult, isInBuild, probeProvider, unavailable } from './probe.js';
import type { OnnxRuntime } from './session.js';

/** What a user may choose: a provider, or one that works and is faster than the CPU. */
export const devices = [...providers, 'auto'] as const;
export type Device = (typeof devices)[number];

/** The provider that was chosen, and why those that would go before it were not: a line each. */
export interface ResolvedDevice {
  readonly provider: Provider;
  readonly notes: readonly string[];
}

/** A probe's result, with how the provider compares with the CPU where it is available. */
export interface ProviderReport extends ProbeResult {
  readonly check?: ProviderCheck;
}

export interface ResolveDeviceOptions {
  /** Threads of the CPU that a provider has to be faster than; ONNX Runtime's choice unless given. */
  readonly threads?: number;
  /** How a provider is inspected before it is taken; with the same runtime, in this process, unless given. */
  readonly inspect?: (provider: Provider, options: CheckOptions) => Promise<ProviderReport>;
}

/**
 * What `auto` tries, in this order, before the CPU. CUDA: whoever has its files has installed them for this. WebGPU: it is
 * in most builds, its training step is tested, and weights stay on it between steps. DirectML: for Windows machines on
 * which WebGPU does not start. CoreML is not among them: Macs that have it have WebGPU.
 */
const automatic: readonly Provider[] = ['cuda', 'webgpu', 'dml'];

/** More than rounding, and more than CUDA's shortened products (TF32, about 1e-3): the provider is wrong. */
const WRONG = 0.01;

/** Tries a provider and, where it works, compares it with the CPU. Nothing is thrown. */
export async function inspectProvider(
  runtime: OnnxRuntime,
  provider: Provider,
  options: CheckOptions = {},
): Promise<ProviderReport> {
  const probe = await probeProvider(runtime, provider);
  if (!probe.available) return probe;
  try {
    return { ...probe, check: await checkProvider(runtime, provider, options) };
  } catch (error) {
    return unavailable(provider, { reason: `it cannot run a convolution's gradient: ${messageOf(error)}` });
  }
}

/**
 * The provider for a device. `auto` takes the first of CUDA, WebGPU and DirectML that computes a convolution's gradient as
 * the CPU does, and faster, else the CPU. That it be faster is measured, because ONNX Runtime does not tell a graphics
 * card from a software adapter.
 * @throws WeakspotError `engine` if a named provider cannot be used, with the reason and what to do.
 */
export async function resolveDevice(
  runtime: OnnxRuntime,
  device: Device,
  { threads, inspect }: ResolveDeviceOptions = {},
): Promise<ResolvedDevice> {
  // Nothing to find out: where the CPU does not work, loading the first graph says so.
  if (device === 'cpu') return { provider: 'cpu', notes: [] };
  if (device !== 'auto') {
    // Where others can be inspected elsewhere, so can this one: what its driver prints is not ours.
    const asked =
      inspect === undefined
        ? probeProvider(runtime, device)
        : inspect(device, threads === undefined ? {} : { threads });
    const { available, reason = 'no reason is given', hint } = await asked;
    if (available) return { provider: device, notes: [] };
    throw new WeakspotError('engine', `The device "${device}" cannot be used: ${reason}.`, {
      hint: `${hint === undefined ? '' : `${hint} `}"weakspot doctor" shows what can be used here; the device "auto" takes what works.`,
    });
  }
  const notes: string[] = [];
  for (const provider of automatic.filter((candidate) => isInBuild(runtime, candidate))) {
    const look = inspect ?? ((...args) => inspectProvider(runtime, ...args));
    const problem = objection(await look(provider, threads === undefined ? {} : { threads }));
    if (problem === undefined) return { provider, notes };
    notes.push(`${provider} is not used: ${problem}`);
  }
  return { provider: 'cpu', notes };
}

/**
 * Resolves a device and starts something on it. What `auto` chose but does not start is started on the CPU, with a note.
 * @throws WeakspotError as `resolveDevice` does, and what `start` throws.
 */
export async function startOnDevice<T>(
  runtime: OnnxRuntime,
  device: Device,
  options: ResolveDeviceOptions,
  start: (provider: Provider) => Promise<T>,
): Promise<{ readonly started: T; readonly device: ResolvedDevice }> {
  const { provider, notes } = await resolveDevice(runtime, device, options);
  try {
    return { started: await start(provider), device: { provider, notes } };
  } catch (error) {
    const isItsFault = error instanceof WeakspotError && error.code === 'engine';
    if (device !== 'auto' || provider === 'cpu' || !isItsFault) throw error;
    const started = await start('cpu');
    return { started, device: { provider: 'cpu', notes: [...notes, `${provider} is not used: ${error.message}`] } };
  }
}

/** Why `auto` does not take a provider; undefined if it does. */
function objection({ available, reason = 'no reason is given', check }: ProviderReport): string | undefined {
  if (!available || check === undefined) return reason;
  const { error, speed } = check;
  if (!(error <= WRONG)) return `its results are wrong (they differ from the CPU's by ${error.toPrecision(1)})`;
  if (speed > 1) return undefined;
  return `it is slower than the CPU (${speed.toPrecision(1)} times its speed), as a software adapter is`;
}
