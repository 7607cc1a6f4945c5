/** A thread of `inspectDataset`: decodes and measures one image after the other. */
import { serveJobs } from '../data/threads/serve.js';
import type { MeasuredFile, MeasureJob } from './measure-file.js';
import { measureFile } from './measure-file.js';

serveJobs<undefined, MeasureJob, MeasuredFile>(async (job) => ({ result: await measureFile(job), handOver: [] }));
