import { crc32c } from './crc32c.js';

/**
 * A record of a TFRecord file: the length of the data (64 bits, little-endian), the masked CRC-32C of these eight bytes,
 * the data, and their masked CRC-32C. A file is a sequence of records.
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

/** Turned and shifted, so that the sum of data which hold sums is a sum like others. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
