export { formatScore } from '@weakspot/core';
export { estimatesLegend, scoreLegend } from './columns.js';
export * from './curves.js';
export * from './overlay.js';
export * from './record.js';
export * from './sheet.js';
export * from './table.js';
export { TEXT_WIDTH, wrapText } from './wrap.js';
