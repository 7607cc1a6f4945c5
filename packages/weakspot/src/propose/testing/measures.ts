import type { SetMeasures } from '../measure-set.js';

/** What a look at 480 films of 256 x 256 tells, half of each class, of no part. */
export const filmMeasures: SetMeasures = {
  name: 'films',
  images: 480,
  classes: [240, 240],
  multiLabel: false,
  givenParts: 0,
  givenTraining: 0,
  fileTraining: undefined,
  looked: 24,
  width: 256,
  height: 256,
  aspect: 1,
  depths: [8],
  low: 0.1,
  high: 0.8,
  windowed: false,
};
