import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import type { DicomDataSet } from '../../dicom/index.js';
import { isDicom, readDataSet } from '../../dicom/index.js';
import { kindOf, listFilesBelow, maybeDicom, sampleName } from '../files.js';
import type { IssueList } from '../issues.js';
import { mapReporting } from './map-reporting.js';
import { firstBytes } from './peek.js';
import type { FolderListing } from './reader.js';

/** Headers read at once. */
const CONCURRENCY = 8;
/** Enough for the header of most files. */
const HEAD = 65536;
/** Largest file that is read as a whole, in bytes. */
const MAX_BYTES = 2 ** 30;

/** What is told of a DICOM file before anything of it is decoded. */
export interface DicomHeader {
  /** As a sample's name. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly kind: 'image' | 'segmentation' | 'report' | 'other';
  /** SOP Instance UID. */
  readonly instance: string | undefined;
  readonly series: string | undefined;
  readonly study: string | undefined;
  /** `hashedPatient` of the Patient ID. */
  readonly patient: string | undefined;
  /** Such as `PA`, or `L-MLO` of a mammogram. */
  readonly view: string | undefined;
}

/**
 * A name for a patient that doesn't tell the Patient ID: the first 16 hex digits of its SHA-256. Who knows all possible ids
 * could still find the one that was hashed; it is no anonymisation.
 */
export function hashedPatient(id: string): string {
  return createHash('sha256').update(id.trim()).digest('hex').slice(0, 16);
}

/** Whether there is a DICOM file among the first few that may be one. */
export async function holdsDicom({ root, files }: FolderListing): Promise<boolean> {
  for (const name of files.filter(maybeDicom).slice(0, 20))
    if (isDicom(await firstBytes(join(root, name), 132))) return true;
  return false;
}

/**
 * The DICOM files of a folder, and of `images` where it is given, by their headers. Files that can't be read are reported;
 * nothing that they say of a person is.
 *
 * @throws WeakspotError `data` where `images` is no folder; `aborted` by the signal.
 */
export async function readDicomHeaders(
  { root, files }: FolderListing,
  images: string | undefined,
  signal: AbortSignal | undefined,
  issues: IssueList,
): Promise<DicomHeader[]> {
  const paths = new Map(files.map((name) => [join(root, name), name]));
  if (images !== undefined) {
    if ((await kindOf(images)) !== 'folder') throw new WeakspotError('data', `there is no image folder ${images}`);
    for (const name of await listFilesBelow(images)) {
      const path = join(images, name);
      const inSet = sampleName(root, path);
      if (!paths.has(path)) paths.set(path, inSet === path.replaceAll('\\', '/') ? name : inSet);
    }
  }
  const candidates = [...paths].filter(([, name]) => maybeDicom(name));
  const headers = await mapReporting(
    candidates,
    CONCURRENCY,
    issues,
    ([path, name], own) => readHeader(path, name, own),
    signal,
  );
  return headers.filter((header) => header !== undefined);
}

async function readHeader(path: string, name: string, issues: IssueList): Promise<DicomHeader | undefined> {
  const head = await firstBytes(path, HEAD);
  if (!isDicom(head)) return undefined;
  try {
    const dataSet = await headerOf(head, path);
    return { name, path, ...describe(dataSet) };
  } catch (error) {
    if (!(error instanceof WeakspotError) || error.code !== 'data') throw error;
    const message = `${error.issues[0]?.message ?? error.message}: left out`;
    issues.warning('DICOM files that cannot be read', message, { file: path });
    return undefined;
  }
}

/** From the beginning of the file, or from all of it where something is missing there. */
async function headerOf(head: Uint8Array, path: string): Promise<DicomDataSet> {
  try {
    const dataSet = readDataSet(head, path);
    if (head.length < HEAD || (dataSet.has('SOPInstanceUID') && dataSet.has('Rows'))) return dataSet;
  } catch (error) {
    if (head.length < HEAD) throw error;
  }
  return readDataSet(await readWhole(path), path);
}

/** @throws WeakspotError `data` where it is too large, or can't be read. */
export async function readWhole(path: string): Promise<Uint8Array> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > MAX_BYTES) {
    const message = `larger than ${MAX_BYTES} bytes, the most that is read`;
    throw new WeakspotError('data', `${path}: ${message}`, { issues: [{ severity: 'error', message, file: path }] });
  }
  return readFile(path);
}

function describe(dataSet: DicomDataSet): Omit<DicomHeader, 'name' | 'path'> {
  const modality = dataSet.string('Modality');
  const id = dataSet.string('PatientID');
  const side = dataSet.string('ImageLaterality') ?? dataSet.string('Laterality');
  const position = dataSet.string('ViewPosition');
  const isSided = modality === 'MG' && (side === 'L' || side === 'R');
  return {
    kind: modality === 'SEG' ? 'segmentation' : modality === 'SR' ? 'report' : dataSet.has('Rows') ? 'image' : 'other',
    instance: dataSet.string('SOPInstanceUID'),
    series: dataSet.string('SeriesInstanceUID'),
    study: dataSet.string('StudyInstanceUID'),
    patient: id === undefined ? undefined : hashedPatient(id),
    view: position !== undefined && isSided ? `${side}-${position}` : position,
  };
}
