import { describe, expect, it } from 'vitest';
import type { Metrics } from '../evaluate.js';
import { type MeasuredModel, describeWarnings, differentImages, evaluationWarnings, fewLocated } from './index.js';

/** Of a model that finds lesions, on a set in which nothing else does. */
const good: Metrics = {
  images: 200,
  positives: 100,
  located: 100,
  acc: 0.8,
  auc: 0.9,
  apPositive: 0.9,
  apNegative: 0.9,
  locAp: 0.7,
  hitRate: 0.75,
  hitRateRandom: 0.1,
  hitRateShuffled: 0.3,
  hitRateFixed: 0.5,
  locApFixed: 0.4,
  hitRateBrightest: 0.2,
  locApBrightest: 0.1,
  hitRateDarkest: 0.05,
  locApDarkest: 0.01,
};
const tested = { images: 200 };
const model = (changes: Partial<Metrics>, rest: Omit<MeasuredModel, 'metrics'> = {}): MeasuredModel => ({
  metrics: { ...good, ...changes },
  ...rest,
});
const textsOf = (...args: Parameters<typeof evaluationWarnings>): string[] =>
  evaluationWarnings(...args).map(({ text }) => text);
const position = { isPosition: true, mean: { hitRate: 0.875 } };

describe('evaluationWarnings', () => {
  it('are none of a model that is better than all that it is compared with', () => {
    expect(evaluationWarnings([model({}, { position: { ...position, isPosition: false } })], tested)).toEqual([]);
    // Nor where nothing is located, or there is one class only.
    const { images, positives, acc } = good;
    const untold = { images, positives, located: 0, acc } as Metrics;
    expect(evaluationWarnings([{ metrics: untold }], tested)).toEqual([]);
  });

  it('tell of images that the model was made from', () => {
    expect(evaluationWarnings([model({})], { images: 200, trained: 60, validated: 1 })).toEqual([
      {
        code: 'trained-on',
        text:
          'The model was trained on images that it is tested on: the numbers say nothing about unseen images (60 of ' +
          '200 images)',
        figures: { trained: 60, images: 200 },
      },
      expect.objectContaining({ code: 'validated-on', figures: { validated: 1, images: 200 } }),
    ]);
    const [byName] = textsOf([model({})], { images: 200, trained: 60, byName: 60 });
    expect(byName).toContain('(60 of 200 images, judged by name, as the files');
  });

  it('tell of a map that hits no more than random points, and of ranks that are no better than chance', () => {
    expect(evaluationWarnings([model({ hitRate: 0.1, auc: 0.5, hitRateBrightest: 0.1 })], tested)).toEqual([
      {
        code: 'no-better-than-random',
        text:
          'The hit rate is no higher than that of random points: the map does not show where lesions are (hit rate .100, ' +
          'random .100)',
        figures: { hitRate: 0.1, hitRateRandom: 0.1 },
      },
      { code: 'auc-at-chance', text: 'Images are ranked no better than chance (AUC .500)', figures: { auc: 0.5 } },
    ]);
    expect(evaluationWarnings([model({ hitRate: 0.11, auc: 0.51, hitRateBrightest: 0 })], tested)).toEqual([]);
  });

  it('tell of brightness that hits as much as the model, either way, if more than random points', () => {
    const codes = (changes: Partial<Metrics>): string[] =>
      evaluationWarnings([model(changes)], tested).map(({ code }) => code);
    expect(codes({ hitRateBrightest: 0.75 })).toEqual(['brightness']);
    expect(codes({ hitRateDarkest: 0.8 })).toEqual(['brightness']);
    expect(codes({ hitRateBrightest: 0.74 })).toEqual([]);
    expect(codes({ hitRate: 0.05, hitRateBrightest: 0.1 })).toEqual(['no-better-than-random']);
    expect(codes({ hitRate: 0.05, hitRateBrightest: 0.2 })).toEqual(['no-better-than-random', 'brightness']);
    expect(codes({ hitRateBrightest: undefined, hitRateDarkest: undefined })).toEqual([]);
    const [text] = textsOf([model({ hitRate: 0.7, hitRateBrightest: 0.8 })], tested);
    expect(text).toMatch(/ \(hit rate \.700, brightest \.800, darkest \.050\)$/);
  });

  it('tell of a learned position, of evidence that is elsewhere, and of what can be done', () => {
    const hitRates = { positive: 0.1, difference: 0.5, negative: 0.6 };
    const evidence = { misplaced: true, negativeShare: 0.875, hitRates };
    const found = evaluationWarnings([model({}, { position, evidence })], tested);
    expect(found.map(({ code }) => code)).toEqual(['position', 'evidence-elsewhere']);
    expect(found[0]?.text).toMatch(
      /\(hit rate \.750, shuffled \.300, mean map \.875, best fixed point \.500, random \.100\)\. A smaller --tolerance/,
    );
    expect(found[1]?.text).toContain(
      '(88 % of the evidence for positive images comes through them; hit rate of the positive',
    );
    expect(found[1]?.figures).toEqual({ negativeShare: 0.875, ...hitRates, hitRateRandom: 0.1 });
    // Without ground truth the share alone tells it.
    const unlocated = model(
      { hitRate: undefined, hitRateRandom: undefined },
      { evidence: { ...evidence, hitRates: undefined } },
    );
    expect(textsOf([unlocated], tested)).toEqual([
      "The evidence lies in the other classes' maps, not in the positive class's map, which is the one that is read (88 % of the evidence " +
        'for positive images comes through them). Read another map (--map difference), or train with localizer.evidence: single',
    ]);
  });

  it('tell of few located images, of images that were not read, and of each class of several', () => {
    expect(textsOf([model({ located: 10 })], { images: 198, unread: 2 })).toEqual([
      'Few positive images have ground truth: a single one changes the hit rate (10 images, by .100)',
      'Some images could not be read and are left out (2 of 200 images)',
    ]);
    expect(fewLocated(30)).toEqual([]);
    const classes = [model({ auc: 0.4 }, { class: 'mass' }), model({}, { class: 'nodule' })];
    expect(evaluationWarnings(classes, { images: 1, unread: 0 })).toEqual([
      expect.objectContaining({ code: 'auc-at-chance', class: 'mass' }),
    ]);
  });
});

describe('describeWarnings', () => {
  const of = (name: string, ...args: Parameters<typeof evaluationWarnings>) =>
    evaluationWarnings(...args).map((warning) => ({ of: name, warning }));

  it('names the models that it is about, with the figures of each, one sentence for each kind', () => {
    const found = [
      ...of('A, seed 1', [model({ auc: 0.4 })], tested),
      ...of('B', [model({ hitRate: 0.05, auc: 0.5 })], tested),
    ];
    expect(describeWarnings(found, ['A, seed 0', 'A, seed 1', 'B'])).toEqual([
      {
        code: 'no-better-than-random',
        text:
          'The hit rate is no higher than that of random points: the map does not show where lesions are. B: hit rate .050, ' +
          'random .100.',
      },
      expect.objectContaining({ code: 'brightness' }),
      { code: 'auc-at-chance', text: 'Images are ranked no better than chance. A, seed 1: AUC .400; B: AUC .500.' },
    ]);
  });

  it('says once what holds of all alike', () => {
    const both = ['A', 'B'].flatMap((name) => of(name, [model({ located: 10 })], tested));
    expect(describeWarnings(both, ['A', 'B']).map(({ text }) => text)).toEqual([
      'Few positive images have ground truth: a single one changes the hit rate (10 images, by .100).',
    ]);
    const different = ['A', 'B'].map((name) => ({ of: name, warning: differentImages() }));
    expect(describeWarnings(different, ['A', 'B']).map(({ text }) => text)).toEqual([
      'The methods were tested on different images: their numbers cannot be compared directly.',
    ]);
    expect(describeWarnings(both.slice(0, 1), ['A', 'B'])[0]?.text).toMatch(/hit rate\. A: 10 images, by \.100\.$/);
    const ofClass = of('A', [model({ located: 10 }, { class: 'mass' })], tested);
    expect(describeWarnings(ofClass, ['A'])[0]?.text).toMatch(/hit rate\. A, mass: 10 images, by \.100\.$/);
  });
});
