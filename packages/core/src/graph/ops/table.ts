import type { OpTable } from '../rule.js';
import { convolutions } from './conv.js';
import { elementwise } from './elementwise.js';
import { gemmRule } from './gemm.js';
import { batchNormalizationRule } from './normalize.js';
import { pooling } from './pool.js';
import { reductions } from './reduce.js';
import { shapeOps } from './shape.js';

/** The op table: per op its shape rule, its gradient rule and its ONNX emission. */
export const opTable: OpTable = {
  ...elementwise,
  ...shapeOps,
  ...reductions,
  gemm: gemmRule,
  ...convolutions,
  ...pooling,
  batchNormalization: batchNormalizationRule,
};
