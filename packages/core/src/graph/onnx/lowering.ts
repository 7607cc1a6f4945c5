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
  /**
   * Channels per block of ONNX Runtime's own convolution on CPU, which takes tensors in blocks of channels (NCHWc): 25
   * to 35 % faster than the standard one with weights that are inputs. Its domain is internal and the block depends on
   * the machine, so a session finds out first (`chooseLowering`); 0: the standard Conv.
   */
  readonly nchwcBlock: number;
}

const portable: Lowering = { maxPool2dGradient: 'taps', nchwcBlock: 0 };

/** The form per provider. */
export const lowerings: { readonly [P in Provider]: Lowering } = {
  cpu: { ...portable, maxPool2dGradient: 'scatter' },
  webgpu: portable,
  cuda: portable,
  dml: portable,
  coreml: portable,
};
