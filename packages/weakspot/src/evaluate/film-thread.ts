/** A thread of `localizeImages`: reads, decodes and prepares one film after the other. */
import { ownBuffers, serveJobs } from '../data/threads/serve.js';
import { type FilmJob, type FilmSettings, type LocalizableFilm, readFilm } from './film.js';

serveJobs<FilmSettings, FilmJob, LocalizableFilm>(async (job, settings) => {
  const result = await readFilm(job, settings);
  return { result, handOver: ownBuffers(result.image.pixels, result.prepared.pixels) };
});
