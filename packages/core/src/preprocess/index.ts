export { brightnessMap } from './brightness.js';
export { type DecodedImage, type ImageSize, plainImage } from './image.js';
export { intensitiesOf } from './intensities.js';
export { type PreparedImage, prepareImage } from './prepare.js';
export { type IntensityMoments, type SetMoments, startSetMoments } from './set-moments.js';
export type { Preprocessing } from './settings.js';
export { toInput } from './to-input.js';
