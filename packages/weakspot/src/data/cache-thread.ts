/** A thread of the image cache: reads, decodes and prepares one image after the other. */
import type { CacheAnswer, CacheJob, CacheSettings } from './cache-files.js';
import { prepareCached } from './cache-files.js';
import { ownBuffers, type Served, serveJobs } from './threads/serve.js';

serveJobs(async (job: CacheJob, settings: CacheSettings): Promise<Served<CacheAnswer>> => {
  const result = await prepareCached(job, settings);
  return { result, handOver: ownBuffers(result.image.pixels) };
});
