import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';

/** A float32 tensor of a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format allows other types; checkpoints have this one only. */
const entrySchema = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const HEADER_ALIGNMENT = 8;
const MAX_HEADER = 100_000_000;

/**
 * Encodes float32 tensors in the safetensors format: the header's length (64 bits, little-endian), a JSON header with
 * shapes and offsets, then the tensors' bytes.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const file = Buffer.alloc(8 + headerLength + offset, ' ');
  file.writeBigUInt64LE(BigInt(headerLength), 0);
  json.copy(file, 8);
  let position = 8 + headerLength;
  for (const { data } of tensors.values()) {
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(file, position);
    position += data.byteLength;
  }
  return file;
}

/**
 * Decodes a safetensors file of float32 tensors.
 * @throws WeakspotError `model` naming the file, if it is damaged or of another format.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerLength = buffer.length < 8 ? Infinity : Number(buffer.readBigUInt64LE(0));
    if (headerLength > Math.min(MAX_HEADER, buffer.length - 8)) throw new Error('its header is longer than the file');
    const header: unknown = JSON.parse(buffer.toString('utf8', 8, 8 + headerLength));
    const { __metadata__: metadata = {}, ...entries } = z.record(z.string(), z.unknown()).parse(header);
    const tensors = new Map<string, StoredTensor>();
    let covered = 8 + headerLength;
    for (const [name, value] of Object.entries(entries)) {
      const { shape, data_offsets: range } = entrySchema.parse(value);
      const [start, end] = range.map((offset) => 8 + headerLength + offset) as [number, number];
      const size = shape.reduce((product, extent) => product * extent, 1);
      if (end > buffer.length || end - start !== size * 4)
        throw new Error(`tensor "${name}" does not fit its shape or the file`);
      // A copy of its own: the file's bytes need not be aligned to four, nor stay in memory.
      const data = new Float32Array(size);
      Buffer.from(data.buffer).set(buffer.subarray(start, end));
      tensors.set(name, { shape, data });
      covered += end - start;
    }
    // The format allows neither gaps nor bytes after the last tensor.
    if (covered !== buffer.length) throw new Error('its tensors do not add up to the size of the file');
    return { tensors, metadata: z.record(z.string(), z.string()).parse(metadata) };
  } catch (error) {
    throw new WeakspotError('model', `${file} is not a readable checkpoint: ${messageOf(error)}`, {
      hint: 'The file is damaged or of another kind: use another checkpoint of the run.',
      cause: error,
    });
  }
}
