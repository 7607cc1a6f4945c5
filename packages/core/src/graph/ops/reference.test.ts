import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { chooseLowering } from '../../session/index.js';
import { runGraph } from '../../testing/run-graph.js';
import { type Lowering, lowerings, opTable } from '../index.js';
import { buildCase, buildCaseOutputs, cases, relativeError } from '../testing/cases.js';

const forms: [string, Lowering][] = [
  ['cpu', lowerings.cpu],
  ['webgpu', lowerings.webgpu],
  ['blocked', await chooseLowering(onnxruntime, 'cpu')],
];

describe('the op table against PyTorch in float64', () => {
  it('has a case for every op', () => {
    expect(new Set(cases.map(({ op }) => op))).toEqual(new Set(Object.keys(opTable)));
  });

  it('has gradients for every op that has a gradient rule', () => {
    const checked = new Set(
      cases.filter(({ gradients }) => gradients?.some((gradient) => gradient !== null)).map(({ op }) => op),
    );
    const ruled = Object.entries(opTable).flatMap(([op, rule]) => (rule.gradient === undefined ? [] : [op]));
    // stopGradient's rule is to send nothing back, which a test of its own covers.
    expect(new Set([...checked, 'stopGradient'])).toEqual(new Set(ruled));
  });

  for (const [form, lowering] of forms) {
    for (const entry of cases) {
      it(`${entry.op}, ${entry.name}: forward and gradients (${form} forms)`, async () => {
        const { graph, feeds, expected } = buildCaseOutputs(entry);
        const shapes = graph.outputs.map(({ name, value }) => [name, value.type.shape]);
        expect(shapes).toEqual([...expected].map(([name, { shape }]) => [name, shape]));
        const results = await runGraph(graph, feeds, lowering);
        for (const [name, { data }] of expected) {
          expect(relativeError(results[name]?.data ?? [], data), name).toBeLessThan(2e-6);
        }
      });
    }
  }
});

describe('gradient rules against central differences', () => {
  const differentiable = cases.filter(({ gradients, name }) => gradients !== undefined && !name.startsWith('ties'));
  for (const entry of differentiable) {
    it(`${entry.op}, ${entry.name}`, async () => {
      const { graph, feeds, output } = buildCase(entry);
      graph.output('output', output);
      const step = 2 ** -8;
      for (const [index, gradient] of (entry.gradients ?? []).entries()) {
        if (gradient === null) continue;
        // Along one direction of signs: (L(x + h d) - L(x - h d)) / 2h = gradient . d
        const directions = gradient.data.map((_, i) => ((i * 7 + index) % 3 === 0 ? -1 : 1));
        const losses: number[] = [];
        for (const side of [1, -1]) {
          const base = feeds[`input${index}`] as Float32Array;
          const moved = base.map((value, i) => value + side * step * (directions[i] ?? 0));
          const result = await runGraph(graph, { ...feeds, [`input${index}`]: moved });
          losses.push(
            (entry.weights?.data ?? []).reduce((sum, weight, i) => sum + weight * (result['output']?.data[i] ?? 0), 0),
          );
        }
        const slope = ((losses[0] ?? 0) - (losses[1] ?? 0)) / (2 * step);
        const expected = gradient.data.reduce((sum, value, i) => sum + value * (directions[i] ?? 0), 0);
        const scale = Math.sqrt(gradient.data.reduce((sum, value) => sum + value * value, 0)) + 1e-6;
        expect(Math.abs(slope - expected) / scale).toBeLessThan(5e-3);
      }
    });
  }
});
