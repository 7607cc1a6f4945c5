// @ts-check
/**
 * Writes labels.csv and boxes.csv for the mini-MIAS mammograms from the database's own Info.txt: an example of how to bring a
 * set into the form of a table. This one is also read as it is: `weakspot train MIAS_FOLDER`.
 *
 *     node examples/mias-to-csv.mjs INFO.TXT IMAGE_FOLDER OUTPUT_FOLDER
 *
 * Info.txt lists per abnormality: film, tissue, class, severity, and a circle's centre and radius in the 1024x1024
 * film, y counted from the bottom. Films kept in another size (halved, say) are recognised by their size. Several rows
 * may name one film; widely spread calcifications have no circle. Odd and even numbers are one patient's two breasts.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { imageSize } from 'weakspot';

const FILM_SIDE = 1024;
const [infoFile, imageFolder, output] = process.argv.slice(2);
if (infoFile === undefined || imageFolder === undefined || output === undefined) {
  console.error('usage: node examples/mias-to-csv.mjs INFO.TXT IMAGE_FOLDER OUTPUT_FOLDER');
  process.exit(2);
}

const files = new Map((await readdir(imageFolder)).map((file) => [parse(file).name, file]));
/** @type {Map<string, string>} */
const labels = new Map();
const boxes = ['file,xmin,ymin,xmax,ymax'];
for (const line of (await readFile(infoFile, 'utf8')).split(/\r?\n/)) {
  const [film = '', , abnormality, , x, y, radius] = line.trim().split(/\s+/);
  const file = files.get(film);
  if (!/^mdb\d{3}$/.test(film) || file === undefined) continue;
  const patient = `p${String(Math.ceil(Number(film.slice(3)) / 2)).padStart(3, '0')}`;
  labels.set(film, `${file},${abnormality === 'NORM' ? 'normal' : 'abnormal'},${patient}`);
  if (radius === undefined || !/^\d+$/.test(`${x}${y}${radius}`)) continue;
  const { width } = await imageSize(join(imageFolder, file));
  const scale = width / FILM_SIDE;
  const [centreX, centreY, r] = [Number(x) * scale, (FILM_SIDE - 1 - Number(y)) * scale, Number(radius) * scale];
  boxes.push([file, centreX - r, centreY - r, centreX + r, centreY + r].join(','));
}
await mkdir(output, { recursive: true });
await writeFile(join(output, 'labels.csv'), `file,label,patient\n${[...labels.values()].join('\n')}\n`);
await writeFile(join(output, 'boxes.csv'), `${boxes.join('\n')}\n`);
console.log(`${labels.size} films, ${boxes.length - 1} circles as boxes, in ${output}`);
