import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import { type StoredTensor, decodeSafetensors, encodeSafetensors } from './safetensors.js';

const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return fc.float32Array({ minLength: size, maxLength: size }).map((data): StoredTensor => ({ shape, data }));
});
const names = fc.string().filter((name) => !name.startsWith('__'));

/** A file with the given header text and data bytes, built by hand from the format's description. */
function fileOf(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

describe('encodeSafetensors', () => {
  it('writes the length (8 bytes, little-endian), the JSON header and the values one after the other', () => {
    const file = encodeSafetensors({
      tensors: new Map([
        ['a', { shape: [2], data: Float32Array.of(1, -2) }],
        ['b', { shape: [1, 1], data: Float32Array.of(0.5) }],
      ]),
      metadata: { made: 'by hand' },
    });
    const [low, ...high] = file.subarray(0, 8);
    const length = (low as number) + 256 * (high[0] as number);
    expect(high.slice(1)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(length % 8).toBe(0);
    expect(file.length).toBe(8 + length + 12);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
      __metadata__: { made: 'by hand' },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1, 1], data_offsets: [8, 12] },
    });
    // 1, -2 and 0.5 in IEEE 754, little-endian.
    expect([...file.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f]);
  });

  it('writes the values of a view, not of the buffer behind it', () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const file = encodeSafetensors({ tensors: new Map([['a', { shape: [2], data }]]), metadata: {} });
    expect([...(decodeSafetensors(file, 'f').tensors.get('a')?.data ?? [])]).toEqual([1, 2]);
  });
});

describe('decodeSafetensors', () => {
  it('gives back what was encoded, from any place in memory', () => {
    const files = fc.record({
      tensors: fc.array(fc.tuple(names, tensor), { maxLength: 5 }),
      metadata: fc.dictionary(names, fc.string()),
    });
    fc.assert(
      fc.property(files, fc.integer({ min: 0, max: 7 }), ({ tensors, metadata }, offset) => {
        const file = { tensors: new Map(tensors), metadata: { ...metadata } };
        const encoded = encodeSafetensors(file);
        const shifted = new Uint8Array(encoded.length + offset);
        shifted.set(encoded, offset);
        const decoded = decodeSafetensors(shifted.subarray(offset), 'f');
        expect(decoded.metadata).toEqual(file.metadata);
        expect(new Map(decoded.tensors)).toEqual(file.tensors);
      }),
      { numRuns: 100 },
    );
  });

  it('reads a file of another writer: unpadded header, entries in any order, no metadata', () => {
    const header =
      '{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}';
    const { tensors, metadata } = decodeSafetensors(fileOf(header, new Uint8Array(Float32Array.of(3, 4).buffer)), 'f');
    expect(metadata).toEqual({});
    expect(tensors.get('a')).toEqual({ shape: [], data: Float32Array.of(3) });
    expect(tensors.get('b')).toEqual({ shape: [1], data: Float32Array.of(4) });
  });

  const one = (changes: object): string =>
    JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...changes } });
  const four = new Uint8Array(4);
  it.each([
    ['an empty file', new Uint8Array()],
    ['a file shorter than the length', Uint8Array.of(1, 0, 0)],
    ['a header longer than the file', fileOf('{}').fill(200, 0, 1)],
    ['a length near 2^64', fileOf('{}').fill(255, 0, 8)],
    ['a header that is not JSON', fileOf('{"a":')],
    ['a header that is no object', fileOf('[]')],
    ['another type of numbers', fileOf(one({ dtype: 'F16' }), four)],
    ['a shape of another size', fileOf(one({ shape: [2] }), four)],
    ['a negative extent', fileOf(one({ shape: [-1] }), four)],
    ['values beyond the end', fileOf(one({ data_offsets: [4, 8] }), four)],
    ['bytes after the last tensor', fileOf(one({}), new Uint8Array(8))],
    ['metadata that is not text', fileOf('{"__metadata__":{"a":1}}')],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13)],
  ])('refuses %s, naming the file', async (_, bytes) => {
    const error = await failureOf(() => decodeSafetensors(bytes, 'runs/1/last.safetensors'));
    expect(error.code).toBe('model');
    expect(error.message).toContain('runs/1/last.safetensors');
    expect(error.hint).toBeDefined();
  });

  it('refuses every file cut short', async () => {
    const whole = encodeSafetensors({
      tensors: new Map([['a', { shape: [3], data: Float32Array.of(1, 2, 3) }]]),
      metadata: { a: 'b' },
    });
    for (let length = 0; length < whole.length; length++) {
      expect((await failureOf(() => decodeSafetensors(whole.subarray(0, length), 'f'))).code).toBe('model');
    }
  });
});
