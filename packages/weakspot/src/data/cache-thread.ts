/** A thread of the image cache: reads, decodes and prepares one image after the other. */
import type { CacheAnswer, CacheJob, CacheSettings } from './cache-files.js';
import { prepareCached } from './cache-files.js';
import { ownBuffers, serveJobs } from './threads/serve.js';

serveJobs<CacheSettings, CacheJob, CacheAnswer>(async (job, settings) => {
  const result = await prepareCached(job, settings);
  return { result, handOver: ownBuffers(result.image.pixels) };
});
