export { type EventImage, type EventSummary, encodeFileVersion, encodeRestart, encodeSummary } from './event.js';
