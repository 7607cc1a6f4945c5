import { type Graph, type Value, add, div, exp, float32, maximum, mul, neg, scale, sqrt, sub } from '../graph/index.js';
import type { BatchStatistic, Parameter } from '../network/index.js';
import { type Gradient, descend, euclideanNorm, wholeOf } from './gradient.js';
import { stepNames } from './step-names.js';

/** How a step moves the parameters. */
export interface UpdateOptions {
  /** SGD with momentum unless given. */
  readonly optimizer?: 'sgd' | 'adamw';
  /** Momentum of SGD, of AdamW the decay of the mean gradient (beta 1): in [0, 1). */
  readonly momentum: number;
  /** Of AdamW, the decay of the mean squared gradient (beta 2), in [0, 1); 0.999 unless given. */
  readonly squaresDecay?: number;
  /** Decay of weights; biases, scales and shifts are not decayed. */
  readonly weightDecay: number;
  /** The gradient of all parameters together is scaled down to this Euclidean norm; undefined: never. */
  readonly clipNorm: number | undefined;
  /** Decay of an exponential moving average of all parameters and statistics; none unless given. */
  readonly averageDecay?: number;
}

/** What a tensor that goes from step to step is of its parameter: the parameter itself, or what is remembered of it. */
export const stateRoles = ['value', 'momentum', 'squares', 'average'] as const;
export type StateRole = (typeof stateRoles)[number];

/** A tensor that goes from step to step, of its parameter's shape. */
export interface StateTensor {
  readonly name: string;
  readonly parameter: Parameter;
  readonly role: StateRole;
}

/** Of a parameter or statistic itself. */
export function valueState(parameter: Parameter): StateTensor {
  return { name: parameter.name, parameter, role: 'value' };
}

/** Added to the root of the mean squared gradient, as in the paper of Adam and in PyTorch. */
const ADAM_EPSILON = 1e-8;
/** Share of the minibatch in the running statistics, as in PyTorch. */
const STATISTIC_SHARE = 0.1;

interface Update {
  readonly parameter: Parameter;
  readonly value: Value;
  readonly gradient: Gradient;
}

/**
 * Gradient norm, clipping, and the next value of every parameter; inputs and outputs as `stepNames` says. With g the clipped gradient
 * and t the step from 1:
 *
 * - SGD with momentum: v' = momentum v - learningRate (g + weightDecay w), w' = w + v' (Krizhevsky et al. 2012, as Caffe has it).
 * - AdamW (Loshchilov and Hutter, ICLR 2019; decay times learning rate, as PyTorch has it): m' = momentum m + (1 - momentum) g,
 *   s' = squaresDecay s + (1 - squaresDecay) g^2,
 *   w' = w - learningRate (m' / (1 - momentum^t) / (sqrt(s' / (1 - squaresDecay^t)) + 1e-8) + weightDecay w).
 * - The moving average, of what there is after the step: a' = d a + (1 - d) w' with d = min(averageDecay, t / (t + 10)), so that it
 *   soon forgets where the run began.
 *
 * @param followed Running statistics after the step, which are averaged too.
 * @returns What goes from step to step, but for those statistics themselves.
 */
export function buildUpdate(
  graph: Graph,
  updates: readonly Update[],
  options: UpdateOptions,
  followed: readonly BatchStatistic[],
): StateTensor[] {
  const { optimizer = 'sgd', clipNorm, averageDecay } = options;
  const learningRate = graph.input(stepNames.learningRate, float32([]));
  const counts = optimizer === 'adamw' || averageDecay !== undefined;
  const step = counts ? graph.input(stepNames.step, float32([])) : graph.scalar(1);
  return graph.scope('update', () => {
    const norm = euclideanNorm(updates.map(({ gradient }) => gradient));
    graph.output(stepNames.gradientNorm, norm);
    const limit = clipNorm === undefined ? undefined : graph.scalar(clipNorm);
    // min(1, limit / norm), written so that a norm of zero divides nothing by zero.
    const clip = limit === undefined ? undefined : div(limit, maximum(norm, limit));
    const move = optimizer === 'sgd' ? bySgd(learningRate, clip, options) : byAdam(learningRate, clip, step, options);
    const state: StateTensor[] = [];
    const keep = (parameter: Parameter, role: StateRole, value: Value): void => {
      const name = stateName(parameter, role);
      state.push({ name, parameter, role });
      graph.output(stepNames.next(name), value);
    };
    const average = averageDecay === undefined ? undefined : averaging(step, averageDecay);
    for (const update of updates) {
      const { parameter } = update;
      const { next, moments } = move(update);
      for (const [role, value] of moments) keep(parameter, role, value);
      keep(parameter, 'value', next);
      if (average !== undefined) keep(parameter, 'average', average(parameter.name, next));
    }
    for (const { parameter, value } of followed) {
      if (average !== undefined) keep(parameter, 'average', average(parameter.name, value));
    }
    return state;
  });
}

function stateName({ name }: Parameter, role: StateRole): string {
  return role === 'value' ? name : stepNames[role](name);
}

/** Moves a parameter; what is remembered of it comes along. */
type Move = (update: Update) => { readonly next: Value; readonly moments: readonly (readonly [StateRole, Value])[] };

function bySgd(learningRate: Value, clip: Value | undefined, { momentum, weightDecay }: UpdateOptions): Move {
  const step = neg(clip === undefined ? learningRate : mul(learningRate, clip));
  return ({ parameter, value, gradient }) => {
    const velocity = value.graph.input(stepNames.momentum(parameter.name), float32(parameter.shape));
    let next = descend(gradient, step, velocity, momentum);
    if (weightDecay > 0 && parameter.fanIn > 0) next = sub(next, mul(value, scale(learningRate, weightDecay)));
    return { next: add(value, next), moments: [['momentum', next]] };
  };
}

function byAdam(
  learningRate: Value,
  clip: Value | undefined,
  step: Value,
  { momentum, squaresDecay = 0.999, weightDecay }: UpdateOptions,
): Move {
  const { graph } = learningRate;
  // 1 - decay^t
  const correction = (decay: number): Value =>
    decay === 0 ? graph.scalar(1) : sub(graph.scalar(1), exp(scale(step, Math.log(decay))));
  const rate = div(learningRate, correction(momentum));
  const squaresCorrection = correction(squaresDecay);
  return ({ parameter, value, gradient }) => {
    const { name, shape, fanIn } = parameter;
    const mean = graph.input(stepNames.momentum(name), float32(shape));
    const squares = graph.input(stepNames.squares(name), float32(shape));
    const whole = wholeOf(gradient);
    const clipped = clip === undefined ? whole : mul(whole, clip);
    const nextMean = add(scale(mean, momentum), scale(clipped, 1 - momentum));
    const nextSquares = add(scale(squares, squaresDecay), scale(mul(clipped, clipped), 1 - squaresDecay));
    const root = add(sqrt(div(nextSquares, squaresCorrection)), graph.scalar(ADAM_EPSILON));
    const moved = sub(value, div(mul(nextMean, rate), root));
    const next = weightDecay > 0 && fanIn > 0 ? sub(moved, mul(value, scale(learningRate, weightDecay))) : moved;
    return {
      next,
      moments: [
        ['momentum', nextMean],
        ['squares', nextSquares],
      ],
    };
  };
}

/** Gives a parameter's next moving average from its next value. */
function averaging(step: Value, decay: number): (name: string, next: Value) => Value {
  const { graph } = step;
  const share = neg(maximum(graph.scalar(-decay), neg(div(step, add(step, graph.scalar(10))))));
  const rest = sub(graph.scalar(1), share);
  return (name, next) => {
    const average = graph.input(stepNames.average(name), float32(next.type.shape));
    return add(mul(average, share), mul(next, rest));
  };
}

/** Moves the running statistics, 0.9 of what they are and 0.1 of what the minibatch has, and returns what comes of it. */
export function followStatistics(graph: Graph, statistics: readonly BatchStatistic[]): BatchStatistic[] {
  return graph.scope('statistics', () =>
    statistics.map(({ parameter, value }) => {
      const running = graph.input(parameter.name, float32(parameter.shape));
      const next = add(scale(running, 1 - STATISTIC_SHARE), scale(value, STATISTIC_SHARE));
      graph.output(stepNames.next(parameter.name), next);
      return { parameter, value: next };
    }),
  );
}
