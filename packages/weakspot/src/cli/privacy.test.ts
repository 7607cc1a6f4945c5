/** Nothing of a person in a DICOM file's header comes out of any command: not on a terminal, not in any file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@weakspot/core';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { dicomFile, imageValues, words } from '../dicom/testing/file.js';
import { filesBelow } from '../train/testing/runs.js';
import { weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Group, element, representation and value of what says who it was, and when. */
const secrets = [
  [0x0008, 0x0020, 'DA', '19630417'],
  [0x0008, 0x0030, 'TM', '113355'],
  [0x0008, 0x0050, 'SH', 'ACCESSION77'],
  [0x0008, 0x0080, 'LO', 'Saint Elsewhere'],
  [0x0008, 0x0090, 'PN', 'Referrer^Rita'],
  [0x0010, 0x0010, 'PN', 'Doe^Jane'],
  [0x0010, 0x0030, 'DA', '19451231'],
  [0x0010, 0x4000, 'LT', 'Coughs since May'],
] as const;

/** A film of one of two patients, with a bright square where it is positive. */
function film(index: number): Uint8Array {
  const random = new Random(2, 'film', index);
  const pixels = Uint16Array.from({ length: 64 * 64 }, () => 100 + random.integer(400));
  for (let i = 0; i < (index % 2) * 100; i++) pixels[(10 + Math.floor(i / 10)) * 64 + 20 + (i % 10)] = 3000;
  const values = imageValues(64, 64, {
    PatientID: `SECRET-ID-${index}`,
    Modality: 'DX',
    BitsStored: [12],
    HighBit: [11],
    PixelData: words([...pixels]),
  });
  const [whole, body] = [dicomFile(values), dicomFile(values, { without: 'header' })];
  const person = secrets.map(([group, element, representation, value]) => {
    const text = value.length % 2 === 0 ? value : `${value} `;
    const head = Buffer.from([group & 255, group >> 8, element & 255, element >> 8, 0, 0, text.length, 0]);
    head.write(representation, 4, 'latin1');
    return Buffer.concat([head, Buffer.from(text, 'latin1')]);
  });
  return Buffer.concat([whole.subarray(0, whole.length - body.length), ...person, body]);
}

it('inspecting, training, evaluating and localizing tell nothing of a person, whole films or damaged ones', async () => {
  const films = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`films/${i}.dcm`, film(i)]));
  const rows = Object.keys(films).map((name, i) => `${name},${i % 2 === 0 ? 'clear' : 'tb'}\n`);
  writeTree(folder, {
    ...films,
    // Its pixel data are cut; its header names the person.
    'films/0.dcm': film(0).subarray(0, -1000),
    'set.csv': `file,label\n${rows.join('')}`,
  });
  const at = (name: string): string => join(folder, 'written', name);
  const set = join(folder, 'set.csv');
  const run = at('run');
  const settings = [
    '--size',
    '64',
    '--epochs',
    '1',
    '--batch',
    '4',
    '--split',
    '2:1',
    '--set',
    'network.classifier=[8]',
  ];
  const calls = [
    ['inspect', set, '--out', at('look'), '--split', '2:1'],
    ['inspect', set, '--json'],
    ['inspect', join(folder, 'films/0.dcm'), '--json'],
    ['inspect', join(folder, 'films/1.dcm'), '--json'],
    ['split', set, '--out', at('split.csv')],
    ['train', set, '--out', run, ...settings, '--threads', '1', '--cache', at('cache'), '--json'],
    ['train', set, '--out', at('strict'), ...settings, '--threads', '1', '--no-cache', '--strict'],
    ['evaluate', run, '--part', 'all', '--cache', at('cache'), '--json'],
    ['localize', run, join(folder, 'films'), '--out', at('found'), '--json'],
    ['export', run, '--out', at('model.onnx')],
  ];
  const told: string[] = [];
  for (const call of calls) {
    const { out, err } = await weakspot(...call);
    told.push(...out, ...err);
  }
  const written = filesBelow(join(folder, 'written'));
  for (const name of ['look/inspect.json', 'run/model.onnx', 'run/metrics.jsonl', 'found/1.dcm.json', 'split.csv'])
    expect(written).toContain(name);
  // What is looked for is really in the films, and the films were really read, refused and described.
  const [first = Buffer.alloc(0)] = Object.values(films);
  const wanted = ['SECRET-ID', ...secrets.map(([, , , value]) => value)];
  for (const secret of wanted) expect(Buffer.from(first).includes(secret), secret).toBe(true);
  const text = told.join('\n');
  expect(text).toContain('0.dcm');
  expect(text).toContain('"transferSyntax":"1.2.840.10008.1.2.1"');

  const contents = written.map((name): [string, Buffer] => [name, readFileSync(join(folder, 'written', name))]);
  for (const secret of wanted) {
    expect(text).not.toContain(secret);
    for (const [name, bytes] of contents) expect(bytes.includes(secret), `${secret} in ${name}`).toBe(false);
  }
});
