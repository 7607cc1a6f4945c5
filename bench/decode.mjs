// @ts-check
/** Decoding of large films against sharp alone and against pydicom with GDCM; the films are made here. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@weakspot/core';
import sharp from 'sharp';
import { renderTable } from 'weakspot';
import { encode } from '../packages/weakspot/dist/dicom/testing/codestreams.js';
import { dicomFile, imageValues } from '../packages/weakspot/dist/dicom/testing/file.js';
import { median, startSide, takeTurns } from './sides.mjs';

const SIDE = 3000;
const FILMS = 3;

/**
 * @typedef {object} DecodeCase
 * @property {string} name
 * @property {'png' | 'dcm'} kind
 * @property {boolean} parallel One image at a time, or as many as there are threads.
 * @property {number} size Side of the input that ours prepares besides; 0 decodes only.
 * @property {'sharp' | 'pydicom + GDCM'} peer
 */

/** @returns {DecodeCase[]} */
const casesOf = (/** @type {number} */ threads) =>
  /** @type {const} */ ([
    ['png', '16-bit PNG', 'sharp'],
    ['dcm', 'lossless JPEG DICOM', 'pydicom + GDCM'],
  ]).flatMap(([kind, what, peer]) => [
    { name: `${what}, one at a time`, kind, parallel: false, size: 0, peer },
    { name: `${what}, ${threads} threads; ours prepared to 512 x 512`, kind, parallel: true, size: 512, peer },
  ]);

/** Something like a film: broad shadows and noise, 14 bits. */
function film(/** @type {number} */ seed) {
  const random = new Random(1, 'bench', seed);
  const [a, b, c] = /** @type {[number, number, number]} */ ([0, 0, 0].map(() => random.uniform()));
  const row = Float64Array.from({ length: SIDE }, (_, x) => Math.sin(x / (150 + 200 * a)) + Math.sin(x / 37 + 6 * c));
  const pixels = new Uint16Array(SIDE * SIDE);
  for (let y = 0, i = 0; y < SIDE; y++) {
    const down = Math.cos(y / (200 + 300 * b)) + Math.sin(y / 61);
    for (let x = 0; x < SIDE; x++, i++) {
      const noise = (random.bits() & 63) + (random.bits() & 63) - 63;
      pixels[i] = 8192 + 1500 * ((row[x] ?? 0) + down) + noise;
    }
  }
  return pixels;
}

async function writeFilms(/** @type {string} */ folder) {
  const files = { png: /** @type {string[]} */ ([]), dcm: /** @type {string[]} */ ([]) };
  for (let i = 0; i < FILMS; i++) {
    const pixels = film(i);
    files.png.push(join(folder, `${i}.png`));
    files.dcm.push(join(folder, `${i}.dcm`));
    writeFileSync(files.png[i] ?? '', await pngOf(pixels));
    writeFileSync(files.dcm[i] ?? '', await dicomOf(pixels));
  }
  return files;
}

function pngOf(/** @type {Uint16Array} */ pixels) {
  const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } });
  return image.toColourspace('grey16').png().toBuffer();
}

async function dicomOf(/** @type {Uint16Array} */ pixels) {
  const shape = /** @type {const} */ ({ samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 14 });
  const bytes = new Uint8Array(pixels.buffer);
  const stream = await encode('encodeJpeg', { width: SIDE, height: SIDE, ...shape, bytes });
  const values = imageValues(SIDE, SIDE, {
    Modality: 'DX',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1',
    SOPInstanceUID: '1.2.3',
    BitsStored: [14],
    HighBit: [13],
  });
  return dicomFile(values, { transferSyntax: '1.2.840.10008.1.2.4.70', fragments: [stream] });
}

export async function compareDecoding(
  /** @type {{ threads: number, pairs: number, only: string }} */ { threads, pairs, only },
) {
  const python = ['/usr/bin/python3', 'python3'].find(
    (command) => spawnSync(command, ['-c', 'import gdcm, numpy, pydicom']).status === 0,
  );
  if (python === undefined) {
    console.error('This needs pydicom and GDCM: apt-get install python3-pydicom python3-gdcm');
    process.exit(1);
  }
  const folder = mkdtempSync(join(tmpdir(), 'weakspot-bench-'));
  const rows = [];
  try {
    const films = await writeFilms(folder);
    for (const { name, kind, parallel, size, peer: peerName } of casesOf(threads)) {
      if (!name.includes(only)) continue;
      const ours = startSide(process.execPath, './decode-ours.mjs', threads);
      const peer =
        peerName === 'sharp'
          ? startSide(process.execPath, './decode-sharp.mjs', threads)
          : startSide(python, './decode-pydicom.py', threads);
      const request = { do: 'case', files: films[kind], parallel, size };
      const [hashOurs, hashPeer] = [await ours.ask(request), await peer.ask(request)].map(({ sha256 }) => sha256);
      if (hashOurs !== hashPeer) throw new Error(`${name}: the two sides decode different arrays`);
      // About three seconds a turn, and at least two images for each thread.
      const { seconds } = await peer.ask({ do: 'run', times: FILMS });
      const times = Math.max(2 * threads, Math.round((3 * FILMS) / seconds));
      const turns = await takeTurns(ours, peer, pairs, times);
      ours.stop();
      peer.stop();
      const ratios = turns.map((turn) => turn.peer.seconds / turn.ours.seconds);
      const rate = (/** @type {'ours' | 'peer'} */ side) => median(turns.map((turn) => times / turn[side].seconds));
      const row = [
        name,
        peerName,
        ...[rate('ours'), rate('peer'), median(ratios), Math.min(...ratios), Math.max(...ratios)].map((v) =>
          v.toFixed(2),
        ),
      ];
      rows.push(row);
      console.error(row.join('  '));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.error(`${cpus()[0]?.model}, ${threads} threads; Node ${process.version}`);
  console.log(
    renderTable([`${SIDE} x ${SIDE}`, 'Peer', 'Ours img/s', 'Peer img/s', 'Ratio', 'Min', 'Max'], rows, {
      textColumns: 2,
    }),
  );
}
