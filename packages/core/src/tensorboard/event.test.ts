import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.js';
import { encodeFileVersion, encodeRestart, encodeSummary } from './event.js';
import { EventSchema } from './event_pb.js';
import { encodeRecord } from './record.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('crc32c', () => {
  it('gives the values of RFC 3720, B.4, and the usual check value', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array())).toBe(0);
  });
});

describe('an event file', () => {
  it('begins as TensorFlow’s own: length 24, its checksum, then the version', () => {
    const record = encodeFileVersion(1.5);
    expect(hex(record.subarray(0, 12))).toBe('1800000000000000a37f4b22');
    const event = fromBinary(EventSchema, record.subarray(12, -4));
    expect([event.wallTime, event.what.case, event.what.value]).toEqual([1.5, 'fileVersion', 'brain.Event:2']);
  });

  it('holds numbers and pictures under their tags, and the step', () => {
    const png = Uint8Array.of(1, 2, 3);
    const summary = {
      step: 2 ** 40,
      scalars: { loss: 0.25, 'validation/AUC': Number.NaN },
      images: { 'maps/a': { width: 4, height: 3, colour: 'rgb', png } },
    } as const;
    const record = encodeSummary(1.7e9, summary);
    const event = fromBinary(EventSchema, record.subarray(12, -4));
    expect([event.wallTime, event.step]).toEqual([1.7e9, 2n ** 40n]);
    const values = event.what.case === 'summary' ? event.what.value.value : [];
    expect(values.map(({ tag, value }) => [tag, value.case])).toEqual([
      ['loss', 'simpleValue'],
      ['validation/AUC', 'simpleValue'],
      ['maps/a', 'image'],
    ]);
    expect(values[0]?.value.value).toBe(0.25);
    expect(values[2]?.value.value).toMatchObject({ height: 3, width: 4, colorspace: 3, encodedImageString: png });
  });

  it('says where training goes on', () => {
    const event = fromBinary(EventSchema, encodeRestart(5, 7).subarray(12, -4));
    expect([event.step, event.what.case, event.what.value]).toEqual([
      7n,
      'sessionLog',
      expect.objectContaining({ status: 1 }),
    ]);
  });

  it('has a record’s length and data each with a checksum of its own', () => {
    const record = encodeRecord(Uint8Array.of(9));
    expect(record).toHaveLength(17);
    expect(hex(record.subarray(0, 8))).toBe('0100000000000000');
    expect(record[12]).toBe(9);
  });
});
