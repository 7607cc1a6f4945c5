export { describeInspection } from './describe.js';
export type { InspectDatasetOptions } from './gathered.js';
export { type InspectEvent, inspectDataset } from './inspect-data.js';
export { type FileInspection, describeFile, inspectFile, isImageFile } from './inspect-file.js';
export type { DataInspection, SetInspection } from './report.js';
export { checkInspectionFolder, inspectionFiles, writeInspection } from './write.js';
