/** A thread of `inspectDataset`: decodes and measures one image after the other. */
import { type Served, serveJobs } from '../data/threads/serve.js';
import type { MeasuredFile, MeasureJob } from './measure-file.js';
import { measureFile } from './measure-file.js';

serveJobs(async (job: MeasureJob): Promise<Served<MeasuredFile>> => ({ result: await measureFile(job), handOver: [] }));
