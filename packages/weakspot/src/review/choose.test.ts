import { wholeInput } from '@weakspot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnsweredImage, chooseExamples, kindOfExample, shareOut, worstErrors } from './choose.js';
import type { MeasuredImage } from './measure.js';

function answer(name: string, changes: Partial<MeasuredImage> = {}): MeasuredImage {
  return {
    sample: { name, path: `/films/${name}`, label: 1, patient: undefined, split: undefined, regions: [] },
    positive: true,
    score: 0.9,
    response: { x: 1, y: 1 },
    hit: true,
    distance: 0,
    width: 10,
    height: 10,
    placement: undefined,
    map: { values: new Float32Array(1), width: 1, height: 1, extent: wholeInput },
    detection: undefined,
    ...changes,
  };
}

const found = answer('a');
const beside = answer('a', { hit: false, distance: 0.2 });
const overlooked = answer('a', { score: 0.4 });
const alarm = answer('a', { positive: false, hit: undefined, distance: undefined });
const calm = answer('a', { positive: false, score: 0.2, hit: undefined, distance: undefined });

describe('kindOfExample', () => {
  it.each<[string, AnsweredImage['answers'], string | undefined]>([
    ['found by all', [found, found], 'found'],
    ['pointed at but called negative', [overlooked], 'missed'],
    ['called positive but pointed beside', [beside, overlooked], 'missed'],
    ['found by one of two', [beside, found], 'divided'],
    ['found by the only one that was tested on it', [undefined, found], 'found'],
    ['a false alarm of one of two', [calm, alarm], 'false-alarm'],
    ['a false alarm of one of three', [calm, alarm, calm], undefined],
    ['correctly negative', [calm], undefined],
    ['positive without ground truth', [answer('a', { hit: undefined })], undefined],
    ['tested by none', [undefined], undefined],
  ])('%s', (_, answers, kind) => {
    expect(kindOfExample({ answers })).toBe(kind);
  });
});

describe('shareOut', () => {
  it('deals evenly, and what one place cannot hold to the others', () => {
    expect(shareOut(12, [100, 100, 100, 100])).toEqual([3, 3, 3, 3]);
    expect(shareOut(12, [100, 1, 0, 4])).toEqual([7, 1, 0, 4]);
    expect(shareOut(2, [0, 5, 5, 5])).toEqual([0, 1, 1, 0]);
    expect(shareOut(9, [])).toEqual([]);
  });

  it('never exceeds what there is, and leaves nothing that fits', () => {
    const property = fc.property(fc.nat(30), fc.array(fc.nat(8), { maxLength: 5 }), (count, room) => {
      const shares = shareOut(count, room);
      expect(shares.every((share, i) => share <= room[i]!)).toBe(true);
      expect(shares.reduce((a, b) => a + b, 0)).toBe(
        Math.min(
          count,
          room.reduce((a, b) => a + b, 0),
        ),
      );
    });
    fc.assert(property);
  });
});

describe('chooseExamples', () => {
  const images = Array.from({ length: 40 }, (_, i) => ({
    answers: [answer(`film-${String(i).padStart(2, '0')}`, i % 2 === 0 ? {} : { hit: false })],
  }));
  const namesOf = (chosen: ReturnType<typeof chooseExamples>): string[] =>
    [...chosen.values()].flatMap((members) => members.map(({ answers }) => answers[0]!.sample.name));

  it('draws by the seed, whatever the order of the images, and lists by name', () => {
    const chosen = chooseExamples(images, 8, 1);
    expect([...chosen].map(([kind, members]) => [kind, members.length])).toEqual([
      ['found', 4],
      ['divided', 0],
      ['missed', 4],
      ['false-alarm', 0],
    ]);
    expect(namesOf(chooseExamples(images.toReversed(), 8, 1))).toEqual(namesOf(chosen));
    expect(namesOf(chooseExamples(images, 8, 2))).not.toEqual(namesOf(chosen));
    const missed = chosen.get('missed')!.map(({ answers }) => answers[0]!.sample.name);
    expect(missed).toEqual(missed.toSorted());
  });
});

describe('worstErrors', () => {
  it('lists errors only, the worst first, equal ones by name', () => {
    const images = [
      answer('far', { hit: false, distance: 0.4 }),
      answer('near', { hit: false, distance: 0.1 }),
      answer('good'),
      answer('low', { score: 0.01 }),
      answer('lower-b', { score: 0, hit: false, distance: 0.9 }),
      answer('lower-a', { score: 0 }),
      answer('alarm', { positive: false, score: 0.6, hit: undefined }),
      answer('loud', { positive: false, score: 0.99, hit: undefined }),
      answer('calm', { positive: false, score: 0.49, hit: undefined }),
    ];
    const names = ({ falseAlarms, overlooked: low, astray }: ReturnType<typeof worstErrors>): string[][] =>
      [falseAlarms, low, astray].map((list) => list.map(({ sample }) => sample.name));
    expect(names(worstErrors(images, 4))).toEqual([
      ['loud', 'alarm'],
      ['lower-a', 'lower-b', 'low'],
      ['far', 'near'],
    ]);
    expect(names(worstErrors(images, 1))).toEqual([['loud'], ['lower-a'], ['far']]);
  });
});
