export * from './box.js';
export * from './colour.js';
export * from './draw.js';
export * from './overlay.js';
export * from './regions.js';
export * from './resize.js';
export * from './response.js';
export * from './window.js';
