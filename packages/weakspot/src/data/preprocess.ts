export { type PreparedImage, type Preprocessing, intensitiesOf, prepareImage, toInput } from '@weakspot/core';
export { preprocessingSchema } from './preprocess-schema.js';
