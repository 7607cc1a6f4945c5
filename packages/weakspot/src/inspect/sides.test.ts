import { expect, it } from 'vitest';
import { noAugmentation } from '../data/augment.js';
import { describeSides } from './sides.js';

it('says which flips and turns are on, and when to turn them off', () => {
  expect(describeSides({ augmentation: noAugmentation })).toMatch(/^No image is flipped or turned: /);
  const turned = { ...noAugmentation, flip: true, quarterTurns: true };
  expect(describeSides({ augmentation: turned })).toMatch(
    /^Images are flipped or turned \(augmentation\.flip, augmentation\.quarterTurns\): set that to false where a side/,
  );
});
