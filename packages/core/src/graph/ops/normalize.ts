import { add, div, mul, perChannel, reduceSum, scale, sqrt, sub } from '../build.js';
import type { OpRule } from '../rule.js';
import { sameShape, sizeOf } from '../types.js';
import { at, dims4, expectInputs, expectRank } from './check.js';

const OVER = [0, 2, 3] as const;

/**
 * (x [N, C, H, W], scale [C], bias [C]) to y [N, C, H, W], each channel's mean [C] and population variance [C], and x less its
 * mean, which the gradient needs: y = scale * (x - mean) / sqrt(variance + epsilon) + bias.
 */
export const batchNormalizationRule: OpRule<'batchNormalization'> = {
  shape: (inputs, { epsilon }) => {
    expectInputs(inputs, 3, 'float32');
    const x = at(inputs, 0);
    const [, channels] = dims4(expectRank(x, 4, 'the input'));
    for (const [index, what] of [
      [1, 'scale'],
      [2, 'bias'],
    ] as const) {
      if (!sameShape(at(inputs, index).shape, [channels])) throw new Error(`the ${what} is not one value a channel`);
    }
    if (!(epsilon > 0)) throw new Error(`epsilon must be above 0, not ${epsilon}`);
    const each = { dataType: 'float32', shape: [channels] } as const;
    return [x, each, each, x];
  },
  /**
   * With M values a channel and a = scale / sqrt(variance + epsilon):
   *
   *     dx = a (dy - sum(dy) / M - (x - mean) sum(dy (x - mean)) / (M (variance + epsilon)))
   */
  gradient: ({ inputs, outputs, attributes: { epsilon }, gradient, needed }) => {
    const [x, scales] = [at(inputs, 0), at(inputs, 1)];
    const [variance, centred] = [at(outputs, 2), at(outputs, 3)];
    const { graph } = x;
    const safe = add(variance, graph.scalar(epsilon));
    const deviation = sqrt(safe);
    const sum = reduceSum(gradient, OVER);
    const products = reduceSum(mul(gradient, centred), OVER);
    const dx = () => {
      const share = 1 / (sizeOf(x.type.shape) / at(x.type.shape, 1));
      const factor = div(scales, deviation);
      const slope = div(mul(factor, scale(products, share)), safe);
      const level = mul(factor, scale(sum, share));
      return sub(mul(gradient, perChannel(factor)), add(mul(centred, perChannel(slope)), perChannel(level)));
    };
    return [
      needed(0) ? dx() : undefined,
      needed(1) ? div(products, deviation) : undefined,
      needed(2) ? sum : undefined,
    ];
  },
  emit: (emitter, { inputs, outputs, attributes: { epsilon } }) => {
    const [x, scales, bias] = inputs.map(({ name }) => name) as [string, string, string];
    const [y, mean, variance, centred] = outputs.map(({ name }) => name) as [string, string, string, string];
    const { shape } = at(inputs, 0).type;
    const channels = at(shape, 1);
    const axes = emitter.int64s(OVER);
    // The last op subtracts no mean: it is a product and a sum for each channel, in one pass.
    const means = emitter.make('ReduceMean', [x, axes], { keepdims: 1 });
    emitter.add('Sub', [x, means], [centred]);
    emitter.add('Reshape', [means, emitter.int64s([channels])], [mean]);
    const squares = emitter.make('ReduceSumSquare', [centred, axes], { keepdims: 0 });
    emitter.add('Mul', [squares, emitter.scalar(channels / sizeOf(shape))], [variance]);
    const zeros = emitter.floats(Array<number>(channels).fill(0), [channels]);
    const given = [centred, scales, bias, zeros, variance];
    emitter.add('BatchNormalization', given, [y], { epsilon: { float: epsilon } });
  },
};
