export * from './bootstrap.js';
export * from './evaluate.js';
export * from './evidence.js';
export * from './localization.js';
export * from './ranking.js';
