export { chooseLowering } from './lowering.js';
export { type HostTensor, type OnnxRuntime, type Session, type SessionOptions, createSession } from './session.js';
