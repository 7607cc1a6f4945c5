import type { DatasetReader } from './reader.js';

export type { DatasetReader, FolderListing, FoundDataset, ReaderOptions } from './reader.js';

/** All readers. Where several recognise a folder, the first one reads it: the particular before the general. */
export const readers: readonly DatasetReader[] = [];
