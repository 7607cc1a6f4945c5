import { gemm, scale, sumToShape } from '../build.js';
import type { Value } from '../graph.js';
import type { OpRule } from '../rule.js';
import { sameShape } from '../types.js';
import { at, expectInputs, expectRank } from './check.js';

/** y = op(a) * op(b) [+ beta c], with op(a) [M, K], op(b) [K, N] and a bias c [N] or a matrix c [M, N]. */
export const gemmRule: OpRule<'gemm'> = {
  shape: (inputs, { transA, transB }) => {
    expectInputs(inputs, inputs.length === 3 ? 3 : 2, 'float32');
    const [a0, a1] = expectRank(at(inputs, 0), 2, 'the first matrix') as [number, number];
    const [b0, b1] = expectRank(at(inputs, 1), 2, 'the second matrix') as [number, number];
    const [m, k] = transA ? [a1, a0] : [a0, a1];
    const [k2, n] = transB ? [b1, b0] : [b0, b1];
    if (k !== k2) throw new Error(`inner extents differ: ${k} and ${k2}`);
    const c = inputs[2];
    if (c !== undefined && !sameShape(c.shape, [n]) && !sameShape(c.shape, [m, n])) {
      throw new Error(`the addend [${c.shape.join(', ')}] is neither [${n}] nor [${m}, ${n}]`);
    }
    return [{ dataType: 'float32', shape: [m, n] }];
  },
  gradient: ({ inputs, attributes: { transA, transB, beta = 1 }, gradient: dy, needed }) => {
    const [a, b, c] = [at(inputs, 0), at(inputs, 1), inputs[2]];
    // With A = op(a), B = op(b): dA = dY B^T and dB = A^T dY; a transposed input gets the transposed gradient.
    const da = (): ReturnType<typeof gemm> =>
      transA ? gemm(b, dy, { transA: transB, transB: true }) : gemm(dy, b, { transB: !transB });
    const db = (): ReturnType<typeof gemm> =>
      transB ? gemm(dy, a, { transA: true, transB: transA }) : gemm(a, dy, { transA: !transA });
    return [
      needed(0) ? da() : undefined,
      needed(1) ? db() : undefined,
      c !== undefined && needed(2) ? scaled(sumToShape(dy, c.type.shape), beta) : undefined,
    ];
  },
  emit: (emitter, { inputs, outputs, attributes }) => {
    emitter.add(
      'Gemm',
      inputs.map((input) => input.name),
      [at(outputs, 0).name],
      {
        transA: attributes.transA ? 1 : 0,
        transB: attributes.transB ? 1 : 0,
        ...(attributes.beta === undefined ? {} : { beta: { float: attributes.beta } }),
      },
    );
  },
};

function scaled(gradient: Value, beta: number): Value {
  return beta === 1 ? gradient : scale(gradient, beta);
}
