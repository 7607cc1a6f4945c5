import { describe, expect, it } from 'vitest';
import { thrownBy } from '../testing/thrown.js';
import { methodNames, parseMethod } from './index.js';

describe('parseMethod', () => {
  it('knows the six methods: their pooling, and whether a classifier is trained beside', () => {
    expect(methodNames.map(parseMethod)).toEqual([
      { name: 'MaxPool', pooling: 'max', classifier: false },
      { name: 'AvePool', pooling: 'average', classifier: false },
      { name: 'LSE', pooling: 'lse', classifier: false },
      { name: 'STL+MaxPool', pooling: 'max', classifier: true },
      { name: 'STL+AvePool', pooling: 'average', classifier: true },
      { name: 'STL+LSE', pooling: 'lse', classifier: true },
    ]);
  });

  it('does not mind case or blanks around', () => {
    expect(parseMethod(' stl+avepool ').name).toBe('STL+AvePool');
    expect(parseMethod('lse').name).toBe('LSE');
  });

  it('an unknown method is named, and the six are listed', () => {
    for (const text of ['STL', '', 'STL+', 'STL+GAP', 'STL+STL+LSE']) {
      const error = thrownBy(() => parseMethod(text));
      expect(error.code).toBe('usage');
      expect(error.message).toContain(`"${text}"`);
      expect(error.hint).toBe('The methods are MaxPool, AvePool, LSE, STL+MaxPool, STL+AvePool, STL+LSE.');
    }
  });
});
