import { describe, expect, it } from 'vitest';
import { createGraph, float32, sizeOf } from '../graph/index.js';
import { thrownBy } from '../testing/thrown.js';
import {
  type Network,
  type NetworkName,
  type Parameter,
  buildClassifier,
  buildTrunk,
  channelsOf,
  createNetwork,
  networkNames,
  receptiveField,
  strideOf,
} from './index.js';

/** Builds the trunk on one image; gives its output shape, the parameters asked for, and rows x columns per layer. */
function trunkOf(network: Network, height: number, width: number) {
  const graph = createGraph();
  const parameters: Parameter[] = [];
  const images = graph.input('images', float32([1, 1, height, width]));
  const features = buildTrunk(images, network, (parameter) => {
    parameters.push(parameter);
    return graph.input(parameter.name, float32(parameter.shape));
  });
  const layers = Object.fromEntries(
    network.trunk.map(({ name }) => {
      const node = graph.nodes.findLast((candidate) => candidate.name.startsWith(`${name}/`));
      return [name, node?.outputs[0]?.type.shape.slice(2)];
    }),
  );
  return { features, parameters, layers };
}

describe('alexnet6', () => {
  const network = createNetwork('alexnet6');

  it("has the paper's layer sizes from 500x500: 15x15 maps of 256 channels", () => {
    const { features, layers } = trunkOf(network, 500, 500);
    expect(layers).toEqual({
      conv1: [123, 123],
      pool1: [61, 61],
      conv2: [61, 61],
      pool2: [30, 30],
      conv3: [30, 30],
      conv4: [30, 30],
      conv5: [30, 30],
      pool5: [15, 15],
      conv6: [15, 15],
    });
    expect(features.type.shape).toEqual([1, 256, 15, 15]);
    expect(channelsOf(network)).toBe(256);
    expect(strideOf(network)).toBe(32);
  });

  it("has AlexNet's kernels, on one input channel, with fan-in for each unit", () => {
    const { parameters } = trunkOf(network, 500, 500);
    expect(parameters).toEqual([
      { name: 'conv1.weight', shape: [96, 1, 11, 11], fanIn: 121 },
      { name: 'conv1.bias', shape: [96], fanIn: 0 },
      { name: 'conv2.weight', shape: [256, 96, 5, 5], fanIn: 2400 },
      { name: 'conv2.bias', shape: [256], fanIn: 0 },
      { name: 'conv3.weight', shape: [384, 256, 3, 3], fanIn: 2304 },
      { name: 'conv3.bias', shape: [384], fanIn: 0 },
      { name: 'conv4.weight', shape: [384, 384, 3, 3], fanIn: 3456 },
      { name: 'conv4.bias', shape: [384], fanIn: 0 },
      { name: 'conv5.weight', shape: [256, 384, 3, 3], fanIn: 3456 },
      { name: 'conv5.bias', shape: [256], fanIn: 0 },
      { name: 'conv6.weight', shape: [256, 256, 3, 3], fanIn: 2304 },
      { name: 'conv6.bias', shape: [256], fanIn: 0 },
    ]);
    expect(parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(4_314_048);
  });
});

describe('compact', () => {
  it('is half as wide and leaves 4x4, 5x5, 7x7 and 3x4 maps at 128, 160, 224 and 96x128', () => {
    const network = createNetwork('compact');
    const maps = (height: number, width: number): readonly number[] =>
      trunkOf(network, height, width).features.type.shape;
    expect(maps(128, 128)).toEqual([1, 128, 4, 4]);
    expect(maps(160, 160)).toEqual([1, 128, 5, 5]);
    expect(maps(224, 224)).toEqual([1, 128, 7, 7]);
    expect(maps(96, 128)).toEqual([1, 128, 3, 4]);
    expect(channelsOf(network)).toBe(128);
    expect(strideOf(network)).toBe(32);
    expect(network.classifier).toEqual([256, 256]);
  });
});

describe('images that are too small', () => {
  it('name the network, the size as width x height, and the layer that is left without input', () => {
    // conv1 leaves 11 of 54 pixels; pool1 5, pool2 2, of which pool5 makes nothing. One pixel more is enough.
    const error = thrownBy(() => trunkOf(createNetwork('alexnet6'), 54, 500));
    expect(error.code).toBe('usage');
    expect(error.message).toBe('Images of 500x54 are too small for alexnet6: nothing is left for pool5.');
    expect(error.hint).toContain('larger');
    expect(trunkOf(createNetwork('alexnet6'), 55, 55).features.type.shape).toEqual([1, 256, 1, 1]);
    expect(thrownBy(() => trunkOf(createNetwork('alexnet6'), 10, 10)).message).toContain('nothing is left for conv1');
    expect(thrownBy(() => trunkOf(createNetwork('compact'), 31, 31)).message).toContain(
      '31x31 are too small for compact',
    );
    expect(trunkOf(createNetwork('compact'), 32, 32).features.type.shape).toEqual([1, 128, 1, 1]);
  });
});

describe('createNetwork', () => {
  it("takes other classifier widths and dropout, and leaves the network's own alone", () => {
    const network = createNetwork('alexnet6', { classifier: [64], dropout: 0 });
    expect(network).toMatchObject({ name: 'alexnet6', classifier: [64], dropout: 0 });
    expect(createNetwork('alexnet6')).toMatchObject({ classifier: [4096, 4096], dropout: 0.5 });
  });

  it('refuses a dropout outside [0, 1) and widths that are not whole', () => {
    for (const dropout of [-0.1, 1, Number.NaN]) {
      const error = thrownBy(() => createNetwork('compact', { dropout }));
      expect(error.code).toBe('usage');
      expect(error.message).toContain(String(dropout));
    }
    for (const width of [0, 1.5]) {
      const error = thrownBy(() => createNetwork('compact', { classifier: [256, width] }));
      expect(error.code).toBe('usage');
      expect(error.message).toContain(`${width} units`);
    }
  });
});

describe('buildClassifier', () => {
  it('is linear layers with ReLU and dropout between, and none after the last', () => {
    const graph = createGraph();
    const parameters: Parameter[] = [];
    const features = graph.input('features', float32([2, 36]));
    const logits = buildClassifier(
      features,
      createNetwork('compact', { classifier: [8, 5] }),
      3,
      (parameter) => {
        parameters.push(parameter);
        return graph.input(parameter.name, float32(parameter.shape));
      },
      (name, width) => graph.input(`${name}/mask`, float32([2, width])),
    );
    expect(logits.type.shape).toEqual([2, 3]);
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      'classifier1/gemm',
      'classifier1/relu',
      'classifier1/mul',
      'classifier2/gemm',
      'classifier2/relu',
      'classifier2/mul',
      'classifier3/gemm',
    ]);
    expect(parameters.map(({ name, shape, fanIn }) => [name, shape, fanIn])).toEqual([
      ['classifier1.weight', [36, 8], 36],
      ['classifier1.bias', [8], 0],
      ['classifier2.weight', [8, 5], 8],
      ['classifier2.bias', [5], 0],
      ['classifier3.weight', [5, 3], 5],
      ['classifier3.bias', [3], 0],
    ]);
  });
});

it('every network name makes a network of that name', () => {
  expect(networkNames.map((name) => createNetwork(name).name)).toEqual(['alexnet6', 'compact', 'small', 'field']);
});

describe('small', () => {
  it('leaves 16x16 maps of 128 channels at stride 8 from 128x128, and 12x20 from 96x160', () => {
    const network = createNetwork('small');
    expect(trunkOf(network, 128, 128).features.type.shape).toEqual([1, 128, 16, 16]);
    expect(trunkOf(network, 96, 160).features.type.shape).toEqual([1, 128, 12, 20]);
    expect(strideOf(network)).toBe(8);
  });
});

describe('receptive fields', () => {
  it("lie around each cell's own 8 pixels in small, to half a pixel, and are little wider than a lesion", () => {
    expect(receptiveField(createNetwork('small'))).toEqual({ centre: 4.5, stride: 8, size: 57 });
  });

  it("lie around each cell's own 32 pixels in compact, to half a pixel", () => {
    const { centre, stride, size } = receptiveField(createNetwork('compact'));
    expect({ centre, stride, size }).toEqual({ centre: 15.5, stride: 32, size: 259 });
    expect(Math.abs(centre - stride / 2)).toBeLessThanOrEqual(0.5);
  });

  it("lie from 33.5 pixels on at stride 32 in the paper's network, whose poolings are not padded", () => {
    expect(receptiveField(createNetwork('alexnet6'))).toEqual({ centre: 33.5, stride: 32, size: 259 });
  });

  it('are those of the cells of any layer', () => {
    const fieldsOf = (name: NetworkName) => {
      const network = createNetwork(name);
      return network.trunk.map((layer) => {
        const { centre, stride, size } = receptiveField(network, layer);
        return [layer.name, centre, stride, size];
      });
    };
    // Pixels 0 to 10, their middle at 5.5; then 0 to 18, and so on.
    expect(fieldsOf('alexnet6')).toEqual([
      ['conv1', 5.5, 4, 11],
      ['pool1', 9.5, 8, 19],
      ['conv2', 9.5, 8, 51],
      ['pool2', 17.5, 16, 67],
      ['conv3', 17.5, 16, 99],
      ['conv4', 17.5, 16, 131],
      ['conv5', 17.5, 16, 163],
      ['pool5', 33.5, 32, 195],
      ['conv6', 33.5, 32, 259],
    ]);
    expect(fieldsOf('compact').slice(0, 2)).toEqual([
      ['conv1', 3.5, 4, 11],
      ['pool1', 7.5, 8, 19],
    ]);
    expect(fieldsOf('small').slice(0, 2)).toEqual([
      ['conv1', 0.5, 2, 5],
      ['pool1', 0.5, 4, 9],
    ]);
  });

  it('are not those of a layer that the network has not', () => {
    const [layer] = createNetwork('small').trunk;
    const error = thrownBy(() => receptiveField(createNetwork('compact'), layer));
    expect([error.code, error.message]).toEqual(['usage', 'The network "compact" has no layer "conv1".']);
  });
});
