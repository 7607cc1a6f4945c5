export { type PreparedImage, prepareImage } from './preprocess/prepare.js';
export { type Preprocessing, preprocessingSchema } from './preprocess/settings.js';
export { toInput } from './preprocess/to-input.js';
export { intensitiesOf } from './preprocess/intensities.js';
