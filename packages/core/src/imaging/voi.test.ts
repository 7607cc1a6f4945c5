import { expect, it } from 'vitest';
import { applyVoi } from './voi.js';

it('a linear window is that of PS3.3 C.11.2.1.2.1, its examples included', () => {
  // Window center 2048, width 4096, for 12 bits: 0 at 0, 1 at 4095.
  expect(applyVoi({ kind: 'linear', center: 2048, width: 4096 }, 0)).toBe(0);
  expect(applyVoi({ kind: 'linear', center: 2048, width: 4096 }, 4095)).toBe(1);
  expect(applyVoi({ kind: 'linear', center: 2048, width: 4096 }, 2047.5)).toBe(0.5);
  // Center 2048, width 1: a step from 2047 to 2048.
  expect([2047, 2048].map((value) => applyVoi({ kind: 'linear', center: 2048, width: 1 }, value))).toEqual([0, 1]);
  // Center 0, width 100: black up to -50, white above 49.
  expect([-51, -50, 49, 60].map((value) => applyVoi({ kind: 'linear', center: 0, width: 100 }, value))).toEqual([
    0, 0, 1, 1,
  ]);
});

it('an exact window and a sigmoid are those of PS3.3 C.11.2.1.3', () => {
  expect([-50, 0, 25, 50].map((value) => applyVoi({ kind: 'linear-exact', center: 0, width: 100 }, value))).toEqual([
    0, 0.5, 0.75, 1,
  ]);
  expect(applyVoi({ kind: 'sigmoid', center: 10, width: 4 }, 10)).toBe(0.5);
  expect(applyVoi({ kind: 'sigmoid', center: 10, width: 4 }, 11)).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
});

it('a table gives its first and last entry beyond its ends, and NaN stays NaN', () => {
  const table = { kind: 'table', first: -2, entries: Uint8Array.of(10, 20, 40), highest: 40 } as const;
  expect([-9, -2, -1, 0, 7].map((value) => applyVoi(table, value))).toEqual([0.25, 0.25, 0.5, 1, 1]);
  expect(applyVoi(table, Number.NaN)).toBeNaN();
});
