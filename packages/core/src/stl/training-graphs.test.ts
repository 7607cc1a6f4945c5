import { describe, expect, it } from 'vitest';
import { type Graph, type Node, sizeOf, verify } from '../graph/index.js';
import { createNetwork, networkNames } from '../network/index.js';
import { type TrainingStep, buildTrainingStep, methodNames, parseMethod, stepNames } from './index.js';

function stepOf(network: (typeof networkNames)[number], method: string, side: number): TrainingStep {
  return buildTrainingStep({
    method: parseMethod(method),
    network: createNetwork(network),
    classes: 2,
    sharpness: 10,
    width: side,
    height: side,
    batch: 4,
    momentum: 0.9,
    weightDecay: 5e-4,
    clipNorm: 5,
  });
}

/** Parameters of the poolings that learn: r, or a layer of attention, a gate of it, and a weight per unit. */
const learned: Partial<Record<string, number>> = Object.fromEntries(
  [['LearnedLSE', 1] as const, ['Attention', 3] as const, ['GatedAttention', 5] as const].flatMap(([name, count]) => [
    [name, count],
    [`STL+${name}`, count],
  ]),
);

const inputNames = (graph: Graph): string[] => graph.inputs.map(({ name }) => name);

// Nothing is executed here: whole training graphs are built, differentiated and verified.
describe('training graphs', () => {
  for (const network of networkNames) {
    for (const method of methodNames) {
      it(`${network} with ${method}: every parameter has a gradient and is updated`, () => {
        const { graph, parameters, dropout } = stepOf(network, method, network === 'alexnet6' ? 500 : 160);
        verify(graph);
        const outputs = new Map(graph.outputs.map(({ name, value }) => [name, value.type.shape]));
        const inputs = new Map(graph.inputs.map(({ name, type }) => [name, type.shape]));
        for (const { name, shape, statistic } of parameters) {
          for (const tensor of statistic === true ? [name] : [name, stepNames.momentum(name)]) {
            expect(inputs.get(tensor)).toEqual(shape);
            expect(outputs.get(stepNames.next(tensor))).toEqual(shape);
          }
        }
        const stl = method.startsWith('STL+');
        // The convolutions and the localizer, then the layers of the classifier: a weight and a bias each. Normalised, a convolution has a
        // scale and a shift instead of the bias, and two running statistics.
        const { trunk, classifier } = createNetwork(network);
        const convolutions = trunk.filter(({ kind }) => kind === 'conv').length;
        const running = network === 'field' ? 2 * convolutions : 0;
        const heads = 2 * (1 + (stl ? classifier.length + 1 : 0)) + (learned[method] ?? 0);
        expect(parameters).toHaveLength(convolutions * (network === 'field' ? 3 : 2) + running + heads);
        expect(parameters.filter(({ statistic }) => statistic === true)).toHaveLength(running);
        const losses = stl ? [stepNames.localizerLoss, stepNames.classifierLoss] : [stepNames.localizerLoss];
        const scalars = [...losses, stepNames.loss, stepNames.gradientNorm];
        for (const name of scalars) expect(outputs.get(name)).toEqual([]);
        expect(outputs.size).toBe(2 * parameters.length - running + scalars.length);
        expect(dropout.map(({ name }) => name)).toEqual(
          stl ? classifier.map((_, index) => `classifier${index + 1}/dropout`) : [],
        );
        expect(inputNames(graph).includes(stepNames.alpha)).toBe(stl);
        expect(inputNames(graph).some((name) => name.startsWith('classifier'))).toBe(stl);
      });
    }
  }

  it("the paper's network has 257,037,764 parameters at 500x500", () => {
    const { parameters } = stepOf('alexnet6', 'STL+AvePool', 500);
    const sizes = Object.fromEntries(parameters.map(({ name, shape }) => [name, sizeOf(shape)]));
    expect(sizes).toMatchObject({
      'localizer.weight': 512,
      'localizer.bias': 2,
      'classifier1.weight': 57_600 * 4096, // 15 * 15 * 256 features
      'classifier2.weight': 4096 * 4096,
      'classifier3.weight': 4096 * 2,
    });
    // conv 4,314,048 + localizer 514 + 235,933,696 + 16,781,312 + 8,194
    expect(Object.values(sizes).reduce((a, b) => a + b, 0)).toBe(257_037_764);
  });

  it('the classifier reads flattened features and is not linear; the localizer is pooled', () => {
    const { graph } = stepOf('compact', 'STL+AvePool', 160);
    const node = (name: string): Node | undefined => graph.nodes.find((candidate) => candidate.name === name);
    const first = node('classifier1/gemm');
    expect(first?.inputs[0]?.node?.op).toBe('flatten');
    expect(first?.inputs[0]?.type.shape).toEqual([4, 128 * 5 * 5]);
    expect(node('classifier1/relu')?.inputs[0]).toBe(first?.outputs[0]);
    expect(node('classifier2/gemm')?.inputs[0]?.node?.inputs).toContain(node('classifier1/relu')?.outputs[0]);
    const maps = node('localizer/conv2d');
    expect(maps?.inputs[0]).toBe(first?.inputs[0]?.node?.inputs[0]);
    expect(maps?.outputs[0]?.type.shape).toEqual([4, 2, 5, 5]);
  });

  it('a classifier without dropout asks for no masks', () => {
    const { graph, dropout } = buildTrainingStep({
      method: parseMethod('STL+LSE'),
      network: createNetwork('compact', { dropout: 0 }),
      classes: 3,
      sharpness: 10,
      width: 128,
      height: 96,
      batch: 2,
      momentum: 0.9,
      weightDecay: 0,
      clipNorm: undefined,
    });
    expect(dropout).toEqual([]);
    expect(inputNames(graph).some((name) => name.includes('dropout'))).toBe(false);
  });
});
