export { chooseLowering } from './lowering.js';
export { type CheckOptions, type ProviderCheck, checkProvider } from './check.js';
export {
  type Device,
  type ProviderReport,
  type ResolveDeviceOptions,
  type ResolvedDevice,
  devices,
  inspectProvider,
  resolveDevice,
  startOnDevice,
} from './device.js';
export { type ProbeResult, probeProvider } from './probe.js';
export {
  type Feeds,
  type KeepingRun,
  type KeepingSession,
  type KeepingSessionOptions,
  type OnnxRuntime,
  type Session,
  type SessionOptions,
  createKeepingSession,
  createSession,
} from './session.js';
export { type DeviceTensor, type HostTensor, hostAsDevice } from './tensor.js';
