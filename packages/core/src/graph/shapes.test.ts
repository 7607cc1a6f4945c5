import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../testing/thrown.js';
import { type OpAttributes, type OpName, createGraph, describeType, float32, opTable, verify } from './index.js';
import { type Operand, shapeTable } from './testing/shape-table.js';

/** Types of the outputs of one op on inputs of the given types (float32 unless said), or what it throws. */
function outputsOf<N extends OpName>(op: N, inputs: readonly Operand[], attributes: OpAttributes[N]): string[] {
  const graph = createGraph();
  const values = inputs.map((input, index) =>
    graph.input(`input${index}`, 'dataType' in input ? input : float32(input)),
  );
  const outputs = graph.apply(op, values, attributes);
  verify(graph);
  return outputs.map((output) => describeType(output.type));
}

describe('shape rules', () => {
  for (const op of Object.keys(opTable) as OpName[]) {
    it(`${op}: output types, and refusals that name op and node`, () => {
      const { takes, refuses } = shapeTable[op];
      expect(takes.length).toBeGreaterThan(0);
      for (const [inputs, attributes, ...types] of takes) {
        expect(outputsOf(op, inputs, attributes)).toEqual(types);
      }
      expect(refuses.length).toBeGreaterThan(0);
      for (const [inputs, attributes, words] of refuses) {
        const error = thrownBy(() => outputsOf(op, inputs, attributes));
        expect(error.code).toBe('graph');
        expect(error.message).toContain(`Op "${op}" at node "${op}"`);
        expect(error.message).toContain(words);
      }
    });
  }
});

describe('broadcasting', () => {
  it('gives the extents that walking both tensors from the last axis gives, in either order', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        // Ones in front, then axis by axis: equal extents, or one of them is 1.
        const rank = Math.max(a.length, b.length);
        const [x, y] = [a, b].map((s) => [...Array.from({ length: rank - s.length }, () => 1), ...s]) as [
          number[],
          number[],
        ];
        const fits = x.every((extent, i) => extent === y[i] || extent === 1 || y[i] === 1);
        for (const pair of [
          [a, b],
          [b, a],
        ]) {
          const build = (): string[] => outputsOf('add', pair, {});
          if (fits) expect(build()).toEqual([describeType(float32(x.map((extent, i) => Math.max(extent, y[i] ?? 0))))]);
          else expect(thrownBy(build).message).toContain('do not broadcast');
        }
      }),
      { seed: 1 },
    );
  });
});

describe('pooled extents', () => {
  const pooledRows = (rows: number, kernel: number, stride: number, ceil: boolean): number => {
    const x = createGraph().input('x', float32([1, 1, rows, kernel]));
    const attributes = { kernel: [kernel, kernel], strides: [stride, stride], pads: [0, 0, 0, 0], ceil } as const;
    return x.graph.apply('maxPool2d', [x], attributes)[0]?.type.shape[2] ?? 0;
  };

  it('are the windows counted one by one: while pixels are left uncovered (ceil), or while they fit (floor)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (rows, kernel, stride) => {
          fc.pre(rows >= kernel);
          let [inside, covering] = [0, 0];
          for (let start = 0; start + kernel <= rows; start += stride) inside++;
          let uncovered = true;
          for (let start = 0; start < rows && uncovered; start += stride) {
            covering++;
            uncovered = start + kernel < rows;
          }
          expect(pooledRows(rows, kernel, stride, false)).toBe(inside);
          expect(pooledRows(rows, kernel, stride, true)).toBe(covering);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("Caffe's AlexNet at 500 pixels: 123 to 61 to 30 to 15", () => {
    const pooled = [123, 61, 30].map((rows) => pooledRows(rows, 3, 2, true));
    expect(pooled).toEqual([61, 30, 15]);
    // Without ceil mode it would be 14.
    expect(pooledRows(30, 3, 2, false)).toBe(14);
  });
});
