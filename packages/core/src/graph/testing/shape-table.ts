import type { DataType, OpAttributes, OpName, Shape } from '../index.js';

/** A tensor's type; float32 where only the shape is given. */
export type Operand = Shape | { readonly dataType: DataType; readonly shape: Shape };

const none = {};
const conv = { strides: [2, 1], pads: [1, 0, 2, 3] } as const;
const pool = { kernel: [3, 2], strides: [2, 2], pads: [0, 0, 0, 0], ceil: true } as const;
const bool = (...shape: number[]): Operand => ({ dataType: 'bool', shape });
const int64 = (...shape: number[]): Operand => ({ dataType: 'int64', shape });

type Table = {
  readonly [N in OpName]: {
    readonly takes: readonly (readonly [readonly Operand[], OpAttributes[N], ...string[]])[];
    readonly refuses: readonly (readonly [readonly Operand[], OpAttributes[N], string])[];
  };
};

const arithmetic = {
  takes: [
    [
      [
        [2, 3],
        [2, 3],
      ],
      none,
      'float32[2, 3]',
    ],
    [
      [
        [4, 1, 3],
        [2, 1],
      ],
      none,
      'float32[4, 2, 3]',
    ],
    [[[], [5]], none, 'float32[5]'],
  ],
  refuses: [
    [[[2, 3], [2]], none, 'do not broadcast'],
    [[[2, 3]], none, 'takes 2 inputs, not 1'],
    [[[2], bool(2)], none, 'input 1 must be float32, not bool[2]'],
  ],
} as const satisfies Table['add'];

const comparison = {
  takes: [
    [
      [
        [4, 1, 3],
        [2, 1],
      ],
      none,
      'bool[4, 2, 3]',
    ],
  ],
  refuses: [
    [[[3], [2]], none, 'do not broadcast'],
    [[int64(2), int64(2)], none, 'input 0 must be float32'],
  ],
} as const satisfies Table['greater'];

const unary = {
  takes: [
    [[[2, 3]], none, 'float32[2, 3]'],
    [[[]], none, 'float32[]'],
  ],
  refuses: [
    [[[2], [2]], none, 'takes 1 inputs, not 2'],
    [[bool(2)], none, 'must be float32'],
  ],
} as const satisfies Table['relu'];

const reduction = {
  takes: [
    [[[2, 3, 4]], { axes: [0, 2], keep: false }, 'float32[3]'],
    [[[2, 3, 4]], { axes: [0, 2], keep: true }, 'float32[1, 3, 1]'],
    [[[]], { axes: [], keep: false }, 'float32[]'],
  ],
  refuses: [
    [[[2, 3]], { axes: [2], keep: false }, 'not ascending axes of [2, 3]'],
    [[[]], { axes: [0], keep: false }, 'not ascending axes of []'],
    [[[2, 3]], { axes: [-1], keep: false }, 'not ascending axes'],
    [[[2, 3]], { axes: [1, 0], keep: false }, 'not ascending axes'],
    [[[2, 3]], { axes: [1, 1], keep: false }, 'not ascending axes'],
    [[[2, 3]], { axes: [], keep: false }, 'needs at least one axis'],
    [[int64(2)], { axes: [0], keep: false }, 'must be float32'],
  ],
} as const satisfies Table['reduceSum'];

/** Per op: inputs that it takes with the types of its outputs, and inputs that it refuses with words of the message. */
export const shapeTable: Table = {
  batchNormalization: {
    takes: [
      [
        [[2, 3, 4, 5], [3], [3]],
        { epsilon: 1e-5 },
        'float32[2, 3, 4, 5]',
        'float32[3]',
        'float32[3]',
        'float32[2, 3, 4, 5]',
      ],
    ],
    refuses: [
      [[[2, 3, 4, 5], [4], [3]], { epsilon: 1e-5 }, 'the scale is not one value a channel'],
      [[[2, 3, 4, 5], [3], [1, 3]], { epsilon: 1e-5 }, 'the bias is not one value a channel'],
      [[[2, 3, 4, 5], [3], [3]], { epsilon: 0 }, 'epsilon must be above 0, not 0'],
      [[[2, 3, 4], [3], [3]], { epsilon: 1e-5 }, 'must have 4 axes'],
    ],
  },
  kthLargest: {
    takes: [
      [[[2, 3, 4, 5]], { k: 1 }, 'float32[2, 3, 1, 1]'],
      [[[2, 3, 4, 5]], { k: 20 }, 'float32[2, 3, 1, 1]'],
    ],
    refuses: [
      [[[2, 3, 4, 5]], { k: 0 }, 'a map of 20 cells has no 0-th'],
      [[[2, 3, 4, 5]], { k: 21 }, 'a map of 20 cells has no 21-th'],
      [[[2, 3, 4, 5]], { k: 1.5 }, 'has no 1.5-th'],
      [[[2, 3]], { k: 1 }, 'must have 4 axes'],
      [[int64(1, 1, 2, 2)], { k: 1 }, 'must be float32'],
    ],
  },
  add: arithmetic,
  sub: arithmetic,
  mul: arithmetic,
  div: arithmetic,
  maximum: arithmetic,
  greater: comparison,
  equal: comparison,
  neg: unary,
  exp: unary,
  log: unary,
  sqrt: unary,
  sigmoid: unary,
  softplus: unary,
  tanh: unary,
  relu: unary,
  where: {
    takes: [[[bool(2, 1), [3], []], none, 'float32[2, 3]']],
    refuses: [
      [[[2], [2], [2]], none, 'the condition must be bool'],
      [[bool(2), [2], bool(2)], none, 'must be float32'],
      [[bool(4), [2], [2]], none, 'do not broadcast'],
    ],
  },
  reluGradient: {
    takes: [
      [
        [
          [2, 3],
          [2, 3],
        ],
        none,
        'float32[2, 3]',
      ],
    ],
    refuses: [[[[2, 3], [3]], none, 'differ in shape']],
  },
  cast: {
    takes: [
      [[bool(2)], { to: 'float32' }, 'float32[2]'],
      [[[2]], { to: 'int64' }, 'int64[2]'],
    ],
    refuses: [[[], { to: 'bool' }, 'takes 1 inputs, not 0']],
  },
  stopGradient: { takes: [[[int64(2)], none, 'int64[2]']], refuses: [[[[2], [2]], none, 'takes 1 inputs, not 2']] },
  reshape: {
    takes: [[[[2, 6]], { shape: [3, 2, 2] }, 'float32[3, 2, 2]']],
    refuses: [
      [[[2, 6]], { shape: [5, 2] }, 'cannot be reshaped to [5, 2]'],
      [[[2, 6]], { shape: [-3, -4] }, 'impossible type'],
    ],
  },
  flatten: {
    takes: [
      [[[2, 3, 4]], none, 'float32[2, 12]'],
      [[[2]], none, 'float32[2, 1]'],
    ],
    refuses: [[[[]], none, 'a scalar cannot be flattened']],
  },
  transpose: {
    takes: [[[[2, 3, 4]], { permutation: [2, 0, 1] }, 'float32[4, 2, 3]']],
    refuses: [
      [[[2, 3]], { permutation: [0, 0] }, 'not a permutation of 2 axes'],
      [[[2, 3]], { permutation: [0] }, 'not a permutation of 2 axes'],
      [[[2, 3]], { permutation: [1, 2] }, 'not a permutation of 2 axes'],
    ],
  },
  expand: {
    takes: [[[[3, 1]], { shape: [2, 3, 4] }, 'float32[2, 3, 4]']],
    refuses: [
      [[[3, 2]], { shape: [3, 1] }, 'does not broadcast to [3, 1]'],
      [[[3, 2]], { shape: [2] }, 'does not broadcast to [2]'],
    ],
  },
  slice: {
    takes: [[[[4, 5]], { starts: [1, 0], ends: [4, 2] }, 'float32[3, 2]']],
    refuses: [
      [[[4, 5]], { starts: [0], ends: [4] }, 'a start and an end for every axis'],
      [[[4, 5]], { starts: [0, 3], ends: [4, 6] }, '[3, 6) does not lie in axis 1 of extent 5'],
      [[[4, 5]], { starts: [2, 0], ends: [2, 5] }, '[2, 2) does not lie in axis 0'],
    ],
  },
  concat: {
    takes: [
      [
        [
          [2, 3],
          [2, 1],
          [2, 3],
        ],
        { axis: 1 },
        'float32[2, 7]',
      ],
    ],
    refuses: [
      [
        [
          [2, 3],
          [3, 3],
        ],
        { axis: 1 },
        'parts [2, 3] and [3, 3] differ off axis 1',
      ],
      [[[2, 3], bool(2, 3)], { axis: 1 }, 'differ'],
      [[[2, 3]], { axis: 2 }, 'has no axis 2'],
      [[], { axis: 0 }, 'input 0 is missing'],
    ],
  },
  pad: {
    takes: [[[[2, 3]], { before: [1, 0], after: [2, 4] }, 'float32[5, 7]']],
    refuses: [
      [[[2, 3]], { before: [1], after: [2] }, 'before and after every axis'],
      [[[2, 3]], { before: [-1, 0], after: [2, 0] }, 'at least 0'],
    ],
  },
  reverse: {
    takes: [
      [[[2, 3]], { axes: [1] }, 'float32[2, 3]'],
      [[[2, 3, 4]], { axes: [0, 2] }, 'float32[2, 3, 4]'],
    ],
    refuses: [
      [[[2, 3]], { axes: [2] }, 'not ascending axes of [2, 3]'],
      [[[2, 3]], { axes: [1, 1] }, 'not ascending axes'],
      [[[2, 3]], { axes: [] }, 'needs at least one axis'],
      [[[]], { axes: [0] }, 'not ascending axes of []'],
      [[int64(2)], { axes: [0] }, 'must be float32'],
    ],
  },
  reduceSum: reduction,
  reduceMean: reduction,
  reduceMax: reduction,
  reduceSumSquare: reduction,
  softmax: {
    takes: [[[[2, 3]], none, 'float32[2, 3]']],
    refuses: [[[[]], none, 'a scalar has no axis']],
  },
  gemm: {
    takes: [
      [
        [
          [2, 3],
          [3, 4],
        ],
        { transA: false, transB: false },
        'float32[2, 4]',
      ],
      [
        [
          [3, 2],
          [4, 3],
        ],
        { transA: true, transB: true },
        'float32[2, 4]',
      ],
      [[[2, 3], [3, 4], [4]], { transA: false, transB: false }, 'float32[2, 4]'],
      [
        [
          [2, 3],
          [3, 4],
          [2, 4],
        ],
        { transA: false, transB: false },
        'float32[2, 4]',
      ],
    ],
    refuses: [
      [
        [
          [2, 3],
          [4, 3],
        ],
        { transA: false, transB: false },
        'inner extents differ: 3 and 4',
      ],
      [
        [
          [2, 3, 1],
          [3, 4],
        ],
        { transA: false, transB: false },
        'the first matrix must have 2 axes',
      ],
      [[[2, 3], [3]], { transA: false, transB: false }, 'the second matrix must have 2 axes'],
      [[[2, 3], [3, 4], [2]], { transA: false, transB: false }, 'neither [4] nor [2, 4]'],
    ],
  },
  conv2d: {
    // Rows: floor((9 + 3 - 5) / 2) + 1 = 4; columns: 8 + 3 - 3 + 1 = 9.
    takes: [[[[2, 3, 9, 8], [7, 3, 5, 3], [7]], conv, 'float32[2, 7, 4, 9]']],
    refuses: [
      [[[2, 3, 9, 8], [7, 4, 5, 3], [7]], conv, 'the input has 3 channels, the weight 4'],
      [[[2, 3, 9, 8], [7, 3, 5, 3], [6]], conv, 'the bias has 6 values for 7 channels'],
      [[[2, 3, 1, 8], [7, 3, 5, 3], [7]], conv, 'a kernel of 5 does not fit into 1 pixels padded by 3'],
      [[[3, 9, 8], [7, 3, 5, 3], [7]], conv, 'the input must have 4 axes'],
      [
        [
          [2, 3, 9, 8],
          [7, 3, 5, 3],
        ],
        conv,
        'takes 3 inputs, not 2',
      ],
    ],
  },
  conv2dInputGradient: {
    takes: [
      [
        [
          [2, 7, 4, 9],
          [7, 3, 5, 3],
        ],
        { ...conv, inputShape: [2, 3, 9, 8] },
        'float32[2, 3, 9, 8]',
      ],
    ],
    refuses: [
      [
        [
          [2, 7, 5, 9],
          [7, 3, 5, 3],
        ],
        { ...conv, inputShape: [2, 3, 9, 8] },
        'the output gradient is [2, 7, 5, 9]',
      ],
    ],
  },
  conv2dWeightGradient: {
    takes: [
      [
        [
          [2, 3, 9, 8],
          [2, 7, 4, 9],
        ],
        { ...conv, kernel: [5, 3] },
        'float32[7, 3, 5, 3]',
      ],
    ],
    refuses: [
      [
        [
          [2, 3, 9, 8],
          [2, 7, 4, 8],
        ],
        { ...conv, kernel: [5, 3] },
        'the output gradient is [2, 7, 4, 8]',
      ],
    ],
  },
  maxPool2d: {
    // Rows: ceil((8 - 3) / 2) + 1 = 4; columns: ceil((5 - 2) / 2) + 1 = 3.
    takes: [
      [[[2, 3, 8, 5]], pool, 'float32[2, 3, 4, 3]', 'int64[2, 3, 4, 3]'],
      [[[2, 3, 8, 5]], { ...pool, ceil: false }, 'float32[2, 3, 3, 2]', 'int64[2, 3, 3, 2]'],
    ],
    refuses: [
      [[[2, 3, 2, 5]], pool, 'a window of 3 does not fit into 2 pixels'],
      [[[3, 8, 5]], pool, 'the input must have 4 axes'],
    ],
  },
  maxPool2dGradient: {
    takes: [[[[2, 3, 4, 3], [2, 3, 8, 5], [2, 3, 4, 3], int64(2, 3, 4, 3)], pool, 'float32[2, 3, 8, 5]']],
    refuses: [
      [[[2, 3, 4, 4], [2, 3, 8, 5], [2, 3, 4, 3], int64(2, 3, 4, 3)], pool, 'input 0 is not of the pooled shape'],
      [[[2, 3, 4, 3], [2, 3, 8, 5], [2, 3, 4, 3], int64(2, 3, 4, 4)], pool, 'input 3 is not of the pooled shape'],
    ],
  },
};
