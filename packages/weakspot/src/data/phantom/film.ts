import { type Box, Random } from '@weakspot/core';
import { drawAnatomy } from './anatomy.js';
import { addBody } from './body.js';
import { addBones } from './bones.js';
import { createCanvas, drawPose } from './canvas.js';
import { addDistractors, addMarker } from './distractors.js';
import { develop } from './exposure.js';
import { addLesion, drawLesions } from './lesions.js';
import { type PhantomFilmOptions, requireInteger, resolveFilmOptions } from './options.js';
import { rosterEntry } from './roster.js';
import { addVessels } from './vessels.js';

/** One synthetic chest film. */
export interface Phantom {
  /** 16-bit grey values `[row][column]`, bright = dense. */
  readonly pixels: Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly label: 'lesion' | 'normal';
  /** One box of whole pixels per lesion, 1 to 3 of them; none on a normal film. */
  readonly boxes: readonly Box[];
  /** Name of the patient; two films may share it. */
  readonly patient: string;
}

/**
 * Film `index` (from 0) of the phantom set `seed`: a pure function of its arguments, whatever the set's count.
 *
 * Everything but the lesions is drawn from streams that the label does not reach: film `index` of a set with
 * `positiveFraction` 0 is film `index` of any other set with its lesions taken away. A patient's two films share
 * anatomy and lesion sites; pose, exposure, noise and distractors are each film's own.
 *
 * @throws WeakspotError `usage` where seed, index or options are out of range.
 */
export function makePhantom(seed: number, index: number, options: PhantomFilmOptions = {}): Phantom {
  const { size, positiveFraction, bright } = resolveFilmOptions(options);
  requireInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  requireInteger('index', index, 0);
  const { label, patient } = rosterEntry(seed, index, positiveFraction);
  const ofPatient = (stream: string): Random => new Random(seed, 'phantom', 'patient', patient, stream);
  const ofFilm = (stream: string): Random => new Random(seed, 'phantom', 'film', index, stream);

  const anatomy = drawAnatomy(ofPatient('anatomy'));
  const canvas = createCanvas(size, drawPose(ofFilm('pose')));
  addBody(canvas, anatomy, ofPatient('body'));
  addBones(canvas, anatomy, ofPatient('bones'));
  addVessels(canvas, anatomy, ofPatient('vessels'));
  const sites = drawLesions(ofPatient('lesions'), anatomy);
  addDistractors(canvas, anatomy, sites, ofFilm('distractors'));
  addMarker(canvas, ofFilm('marker'));
  const lesions = label === 'lesion' ? sites : [];
  const boxes = lesions.map((lesion) => addLesion(canvas, lesion, bright));
  const pixels = develop(canvas, ofFilm('exposure'));
  return { pixels, width: size, height: size, label, boxes, patient: patientName(patient) };
}

/** Patients are numbered by their first film, from 1. */
function patientName(patient: number): string {
  return `patient-${String(patient + 1).padStart(5, '0')}`;
}
