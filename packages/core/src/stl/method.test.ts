import { describe, expect, it } from 'vitest';
import { thrownBy } from '../testing/thrown.js';
import { methodNames, paperMethods, parseMethod } from './index.js';

describe('parseMethod', () => {
  it("knows the paper's six methods first: their pooling, and whether a classifier is trained beside", () => {
    expect(methodNames.slice(0, 6)).toEqual(paperMethods);
    expect(paperMethods.map(parseMethod)).toEqual([
      { name: 'MaxPool', pooling: 'max', classifier: false },
      { name: 'AvePool', pooling: 'average', classifier: false },
      { name: 'LSE', pooling: 'lse', classifier: false },
      { name: 'STL+MaxPool', pooling: 'max', classifier: true },
      { name: 'STL+AvePool', pooling: 'average', classifier: true },
      { name: 'STL+LSE', pooling: 'lse', classifier: true },
    ]);
  });

  it('knows every pooling beyond the paper, alone and with STL', () => {
    const beyond = methodNames.slice(6);
    const poolings = ['learnedLse', 'topK', 'pcam', 'attention', 'gatedAttention'];
    expect(beyond.map((name) => parseMethod(name).pooling)).toEqual([...poolings, ...poolings]);
    expect(beyond.map((name) => parseMethod(name).classifier)).toEqual([
      ...poolings.map(() => false),
      ...poolings.map(() => true),
    ]);
  });

  it('does not mind case or blanks around', () => {
    expect(parseMethod(' stl+avepool ').name).toBe('STL+AvePool');
    expect(parseMethod('lse').name).toBe('LSE');
  });

  it('an unknown method is named, and all are listed', () => {
    for (const text of ['STL', '', 'STL+', 'STL+GAP', 'STL+STL+LSE']) {
      const error = thrownBy(() => parseMethod(text));
      expect(error.code).toBe('usage');
      expect(error.message).toContain(`"${text}"`);
      expect(error.hint).toBe(`The methods are ${methodNames.join(', ')}.`);
    }
  });
});
