import { describe, expect, it } from 'vitest';
import { type Parameter, initialise } from './index.js';

const weight: Parameter = { name: 'conv2.weight', shape: [32, 48, 5, 5], fanIn: 1200 };

describe('initialise', () => {
  it('weights are normal with mean 0 and variance 2 / fanIn', () => {
    const values = initialise(weight, 7);
    expect(values).toHaveLength(32 * 48 * 25);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const beyondTwo = values.filter((value) => Math.abs(value) > 2 * Math.sqrt(2 / 1200)).length / values.length;
    // 4 standard errors of the mean, of the variance (relative), and of the share beyond two deviations (4.55 %).
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(2 / 1200 / values.length));
    expect(Math.abs((variance * 1200) / 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.0043);
  });

  it('biases are zero', () => {
    expect(initialise({ name: 'conv2.bias', shape: [5], fanIn: 0 }, 7)).toEqual(new Float32Array(5));
  });

  it('depends on the seed, the name and nothing else', () => {
    const values = initialise(weight, 7);
    expect(initialise(weight, 7)).toEqual(values);
    expect(initialise(weight, 8)).not.toEqual(values);
    expect(initialise({ ...weight, name: 'conv3.weight' }, 7)).not.toEqual(values);
  });
});
