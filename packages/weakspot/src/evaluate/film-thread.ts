/** A thread of `localizeImages`: reads, decodes and prepares one film after the other. */
import { ownBuffers, type Served, serveJobs } from '../data/threads/serve.js';
import { type FilmJob, type FilmSettings, type LocalizableFilm, readFilm } from './film.js';

serveJobs(async (job: FilmJob, settings: FilmSettings): Promise<Served<LocalizableFilm>> => {
  const result = await readFilm(job, settings);
  return { result, handOver: ownBuffers(result.image.pixels, result.prepared.pixels) };
});
