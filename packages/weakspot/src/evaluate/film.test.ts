import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unreadableImage } from '../data/image.js';
import { flatPgm, greyPng, temporaryFolder, writeTree } from '../data/testing/files.js';
import { openThreads } from '../data/threads/threads.js';
import { dicomFile, imageValues, words } from '../dicom/testing/file.js';
import { type FilmJob, type FilmSettings, type LocalizableFilm, readFilm } from './film.js';
import { fakeModel } from './testing/models.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

it('a film read in a thread is the film read here, bit for bit', async () => {
  const table = { LUTDescriptor: [2, 0, 16], LUTData: words([1, 2]) };
  const dicom = imageValues(4, 3, { PixelData: words([...Array(12).keys()]), VOILUTSequence: [table] });
  writeTree(folder, {
    'a.png': await greyPng(
      Uint16Array.from({ length: 30 }, (_, i) => i * i * 70),
      6,
      5,
    ),
    'b.pgm': flatPgm(5, 4),
    'c.dcm': dicomFile({ ...dicom, RescaleIntercept: '-5', PixelPaddingValue: [3] }),
    'd.png': 'no image',
  });
  const settings: FilmSettings = { preprocessing: fakeModel([]).info.preprocessing };
  const decoding = openThreads<FilmSettings, FilmJob, LocalizableFilm>({
    module: new URL('./film-thread.js', import.meta.url),
    settings,
    here: (job) => readFilm(job, settings),
    died: ({ path }, reason) => unreadableImage(path, reason),
    threads: 1,
    startAfter: 0,
  });
  const outcome = (film: Promise<LocalizableFilm>): Promise<unknown> => film.catch((error: Error) => error.message);
  try {
    for (const name of ['a.png', 'b.pgm', 'c.dcm', 'd.png']) {
      const job = { path: join(folder, name) };
      const expected = await outcome(readFilm(job, settings));
      expect(await outcome(decoding.run(job)), name).toEqual(expected);
    }
  } finally {
    await decoding.close();
  }
});
