/** Execution providers of ONNX Runtime that Weakspot knows. */
export const providers = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type Provider = (typeof providers)[number];

/** Which form an op that has more than one is emitted in. */
export interface Lowering {
  /**
   * `scatter`: MaxPool's Indices output and one ScatterElements(add), the fastest on CPU.
   * `taps`: per kernel tap Equal(slice, y) selecting dY; every provider runs it.
   */
  readonly maxPool2dGradient: 'scatter' | 'taps';
}

const portable: Lowering = { maxPool2dGradient: 'taps' };

/** The form per provider. */
export const lowerings: { readonly [P in Provider]: Lowering } = {
  cpu: { ...portable, maxPool2dGradient: 'scatter' },
  webgpu: portable,
  cuda: portable,
  dml: portable,
  coreml: portable,
};
