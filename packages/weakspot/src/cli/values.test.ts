import { homedir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  byteSize,
  defaultCache,
  inputSize,
  numberBetween,
  positiveNumber,
  splitShares,
  tolerancePixels,
  wholeNumber,
} from './values.js';

describe('option values', () => {
  it('take a side for both, or width and height', () => {
    expect(inputSize('160')).toEqual({ width: 160, height: 160 });
    expect(inputSize('320x160')).toEqual({ width: 320, height: 160 });
  });

  it('take a tolerance for both axes, or across and down', () => {
    expect(tolerancePixels('16')).toEqual({ x: 16, y: 16 });
    expect(tolerancePixels('9.4x5')).toEqual({ x: 9.4, y: 5 });
    for (const text of ['', '9x', '-1', 'x5', '1e3']) expect(() => tolerancePixels(text)).toThrow(InvalidArgumentError);
  });

  it('take a size in bytes, or in powers of 1024', () => {
    expect(['0', '1000', '1k', '1.5 K', '2MB', '20G', '1TiB'].map(byteSize)).toEqual([
      0,
      1000,
      1024,
      1536,
      2 * 2 ** 20,
      20 * 2 ** 30,
      2 ** 40,
    ]);
    for (const text of ['', '-1', 'G', '1X', '1e3', '2 G G'])
      expect(() => byteSize(text)).toThrow(InvalidArgumentError);
  });

  it('take shares in any unit, of two or three parts', () => {
    expect(splitShares('3:1')).toEqual({ train: 0.75, validation: 0, test: 0.25 });
    expect(splitShares('8,1,1')).toEqual({ train: 0.8, validation: 0.1, test: 0.1 });
    expect(splitShares('1:0')).toEqual({ train: 1, validation: 0, test: 0 });
  });

  it('take numbers in their ranges only', () => {
    expect([wholeNumber(1)('7'), numberBetween(0, 1)('1'), positiveNumber('1e-3')]).toEqual([7, 1, 0.001]);
    for (const parse of [wholeNumber(1), numberBetween(0, 1), positiveNumber]) {
      for (const text of ['', ' ', '-1', 'x', '1e999', '0x']) expect(() => parse(text)).toThrow(InvalidArgumentError);
    }
  });
});

describe('defaultCache', () => {
  it('lies in the XDG cache folder, if that is absolute, else in ~/.cache', () => {
    expect(defaultCache({ XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/weakspot');
    // The standard: "All paths set in these environment variables must be absolute", others are ignored.
    for (const named of [undefined, '', 'relative']) {
      expect(defaultCache({ XDG_CACHE_HOME: named })).toBe(join(homedir(), '.cache', 'weakspot'));
    }
  });
});
