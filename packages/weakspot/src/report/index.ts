export * from './curves.js';
export * from './overlay.js';
export * from './record.js';
export * from './sheet.js';
export * from './table.js';
