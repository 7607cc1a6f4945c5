import { create } from '@bufbuild/protobuf';
import type { DataType, Shape } from '../types.js';
import { type TensorProto, TensorProtoSchema } from './onnx_pb.js';

/** TensorProto.DataType of each element type. */
export const elementTypes: { readonly [D in DataType]: number } = { float32: 1, int64: 7, bool: 9 };

/** ONNX stores raw tensor data little-endian, as every platform that runs this does. */
function rawBytes(data: Float32Array | BigInt64Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

export function floatTensor(name: string, data: Float32Array, shape: Shape): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: elementTypes.float32,
    dims: shape.map(BigInt),
    rawData: rawBytes(data),
  });
}

export function int64Tensor(name: string, values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: elementTypes.int64,
    dims: [BigInt(values.length)],
    rawData: rawBytes(BigInt64Array.from(values, BigInt)),
  });
}
