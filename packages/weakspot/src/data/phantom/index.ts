export { makePhantom, type Phantom } from './film.js';
export type { PhantomFilmOptions, PhantomOptions } from './options.js';
export { PHANTOM_VERSION, writePhantoms, type WritePhantomsOptions, type WrittenPhantoms } from './write.js';
