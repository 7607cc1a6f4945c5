import { WeakspotError, messageOf } from '../errors.js';
import type { Provider } from '../graph/index.js';
import { explainFailure } from './unavailable.js';

const SMALLER = 'It does not have enough memory: make the minibatch, the input or the classifier smaller.';

/** What the runtime says while it loads or runs a graph, and what helps. The messages are those of ONNX Runtime 1.30. */
const remedies: readonly { readonly says: RegExp; readonly hint: string }[] = [
  // The last is WebGPU's, of a buffer that could not be made.
  { says: /failed to allocate memory|bad.?alloc(?:ation)?|out.?of.?memory|\[Invalid Buffer/i, hint: SMALLER },
  {
    says: /device.{0,20}(?:lost|removed|hung|reset)|DXGI_ERROR_DEVICE|CUDA (?:failure|error)/i,
    hint: 'The device no longer responds, as after a reset of its driver: start the program again.',
  },
];

function remedyFor(provider: Provider, message: string): string | undefined {
  const known = remedies.find(({ says }) => says.test(message))?.hint;
  return known ?? (provider === 'cpu' ? undefined : 'If it fails again, choose the device "cpu".');
}

/** A graph could not be loaded, or the provider could not be started. */
export function loadFailure(provider: Provider, error: unknown): WeakspotError {
  const { reason, hint = remedyFor(provider, messageOf(error)) } = explainFailure(provider, messageOf(error));
  return engineError(`ONNX Runtime could not load the graph on "${provider}": ${reason}`, hint, error);
}

/** A loaded graph failed. */
export function runFailure(provider: Provider, error: unknown): WeakspotError {
  const message = messageOf(error);
  return engineError(
    `ONNX Runtime failed to run the graph on "${provider}": ${message.trim()}`,
    remedyFor(provider, message),
    error,
  );
}

function engineError(message: string, hint: string | undefined, cause: unknown): WeakspotError {
  return new WeakspotError('engine', message, { cause, ...(hint === undefined ? {} : { hint }) });
}
