import { WeakspotError } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { fromPlainError, toPlainError } from './plain-error.js';

/** Through what a message between threads goes through. */
const sent = (error: unknown): WeakspotError => fromPlainError(structuredClone(toPlainError(error)));

describe('an error sent between threads', () => {
  it('keeps code, message, hint and issues', () => {
    const issues = [{ severity: 'error' as const, message: 'dark', file: 'a.png' }];
    const arrived = sent(new WeakspotError('data', 'bad image', { hint: 'mend it', issues }));
    expect(arrived).toBeInstanceOf(WeakspotError);
    expect(arrived).toMatchObject({ code: 'data', message: 'bad image', hint: 'mend it', issues });
  });

  it("of another class is the engine's, with the stack as its cause", () => {
    const error = new TypeError('x is undefined');
    expect(sent(error)).toMatchObject({ code: 'engine', message: 'x is undefined', cause: error.stack });
  });

  it('that is no error at all still has a message', () => {
    expect(sent('out of memory')).toMatchObject({ code: 'engine', message: 'out of memory' });
  });
});
