import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { dicomFile } from '../../packages/weakspot/dist/dicom/testing/file.js';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'packages/weakspot/bin/weakspot.js');

/** Sets that pages name: seed and number of the phantoms that stand for them. The examples' minibatch is 32. */
const sets = {
  films: [1, 24],
  'other-films': [2, 12],
  'new-films': [3, 12],
  'hospital-b': [4, 12],
  'hospital-c': [5, 12],
  'tbx11k-halves': [6, 44],
  'more-films': [7, 44],
};

/**
 * A folder with what the pages' commands take for granted: data sets, images, runs and models by the names that the pages use.
 * They are tiny: commands are run to see that they work, not what comes of them.
 */
export async function createWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'weakspot-docs-'));
  for (const [name, [seed, count]] of Object.entries(sets)) {
    weakspot(folder, 'phantom', name, '--count', String(count), '--size', '64', '--seed', String(seed));
  }
  await cp(join(folder, 'hospital-c/boxes.csv'), join(folder, 'c-boxes.csv'));
  await cp(join(folder, 'films'), join(folder, 'elsewhere/films'), { recursive: true });
  await miasOf(folder);
  await nihOf(folder);
  await imagesOf(folder);
  for (const [name, method] of /** @type {const} */ ([
    ['first', 'STL+AvePool'],
    ['films-1', 'STL+AvePool'],
    ['avepool', 'AvePool'],
    ['stl-avepool', 'STL+AvePool'],
  ])) {
    // Another run is to start from the weights of `films-1`: it has the network that is trained by default.
    const network = name === 'films-1' ? ['--network', 'field'] : [];
    weakspot(folder, 'train', 'films', '--out', `runs/${name}`, '--method', method, ...quick, ...network);
  }
  await cp(join(folder, 'runs/first/model.onnx'), join(folder, 'model.onnx'));
  await cp(join(folder, 'runs/first/model.onnx'), join(folder, 'first.onnx'));
  weakspot(
    folder,
    'compare',
    'films',
    '--out',
    'comparison',
    '--methods',
    'AvePool,STL+AvePool',
    '--seeds',
    '0',
    ...quick,
  );
  return folder;
}

const quick = ['--network', 'small', '--size', '64', '--batch', '8', '--epochs', '2', '--split', '2:1:1'];

/** What a page runs in: a copy of the world, or an empty folder; the project's own folders beside it, and `npx weakspot`. */
export async function placeFor(/** @type {string | undefined} */ world) {
  const place = await mkdtemp(join(tmpdir(), 'weakspot-page-'));
  if (world !== undefined) await cp(world, place, { recursive: true });
  for (const own of ['node_modules', 'examples', 'scripts', 'packages'])
    await symlink(join(root, own), join(place, own));
  return place;
}

/** @param {string} folder @param {...string} parameters */
function weakspot(folder, ...parameters) {
  execFileSync(process.execPath, [program, ...parameters], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Some films under the names and in the table of the mini-MIAS database. @param {string} folder */
async function miasOf(folder) {
  const target = join(folder, 'mias');
  await mkdir(target);
  const rows = [];
  for (let i = 1; i <= 44; i++) {
    const name = `mdb${String(i).padStart(3, '0')}`;
    const film = join(folder, 'more-films/images', `phantom-${String(i).padStart(5, '0')}.png`);
    const { data, info } = await sharp(film).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    await writeFile(
      join(target, `${name}.pgm`),
      Buffer.concat([Buffer.from(`P5\n${info.width} ${info.height}\n255\n`), data]),
    );
    rows.push(i % 4 < 2 ? `${name} G NORM` : `${name} G CIRC B 500 500 60`);
  }
  await writeFile(join(target, 'Info.txt'), `${rows.join('\n')}\n`);
}

/** Some films under the names and in the table of NIH ChestX-ray14. @param {string} folder */
async function nihOf(folder) {
  const target = join(folder, 'ChestXray-NIHCC');
  await mkdir(join(target, 'images'), { recursive: true });
  const rows = ['Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position'];
  for (let i = 1; i <= 24; i++) {
    const name = `${String(i).padStart(8, '0')}_000.png`;
    await cp(join(folder, 'films/images', `phantom-${String(i).padStart(5, '0')}.png`), join(target, 'images', name));
    rows.push(`${name},${i % 2 === 0 ? 'Nodule' : 'No Finding'},0,${i},058Y,M,PA`);
  }
  await writeFile(join(target, 'Data_Entry_2017.csv'), `${rows.join('\n')}\n`);
}

/** @param {string} folder */
async function imagesOf(folder) {
  await cp(join(folder, 'films/images/phantom-00001.png'), join(folder, 'film.png'));
  const { data, info } = await sharp(await readFile(join(folder, 'film.png')))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const frame = info.width * info.height;
  const values = {
    Rows: [info.height],
    Columns: [info.width],
    SamplesPerPixel: [1],
    BitsAllocated: [8],
    BitsStored: [8],
    HighBit: [7],
    PixelRepresentation: [0],
    PhotometricInterpretation: 'MONOCHROME2',
  };
  await writeFile(join(folder, 'film.dcm'), dicomFile({ ...values, PixelData: new Uint8Array(data) }));
  const frames = new Uint8Array(3 * frame);
  for (let i = 0; i < 3; i++) frames.set(data, i * frame);
  await writeFile(join(folder, 'tomo.dcm'), dicomFile({ ...values, NumberOfFrames: '3', PixelData: frames }));
}

/** Takes away what a command is about to make, where an earlier one of the page has made it: the pages name alternatives. */
export async function makeRoom(/** @type {string} */ place, /** @type {string} */ command) {
  const out = /\s--out[= ](\S+)/.exec(command)?.[1];
  const makes = /\bweakspot (?:train|compare|phantom|export|inspect|split|report)\b/.test(command);
  if (out !== undefined && makes && !/\s--(?:resume|force)\b/.test(command)) {
    await rm(join(place, out), { recursive: true, force: true });
  }
  // A comparison that names no folder takes one by its data.
  const compared = /\bweakspot compare (?!--)(\S+)/.exec(command)?.[1];
  if (compared !== undefined && out === undefined) {
    const name = `${basename(compared)}-comparison`;
    await rm(join(place, 'runs', name), { recursive: true, force: true });
  }
  const phantoms = /\bweakspot phantom (\S+)/.exec(command)?.[1];
  if (phantoms !== undefined) await rm(join(place, phantoms), { recursive: true, force: true });
}
