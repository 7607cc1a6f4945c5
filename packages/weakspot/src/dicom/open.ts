import { messageOf } from '@weakspot/core';
import { readDataSet } from './dataset.js';
import type { DicomDataSet } from './dataset.js';
import type { StreamColour } from './codestream.js';
import { decompress, readCodestream } from './compressed.js';
import { unreadableDicom } from './failure.js';
import { encapsulatedFrames } from './fragments.js';
import { isSubsampled, nativeFrame, nativeFrameBits } from './native.js';
import type { PixelModule } from './pixel-module.js';
import { readPixelModule } from './pixel-module.js';
import type { Samples, SampleType } from './samples.js';
import { samplesOf, swapBytes } from './samples.js';
import type { TransferSyntax } from './transfer-syntax.js';
import { cleanBits, conformBits, extendFrom } from './stored-bits.js';

/**
 * Whose reading of samples where two differ. `standard`: that of DICOM. `pydicom`: the array of pydicom 2.3 with GDCM,
 * to be compared with; it leaves 8-bit samples of big-endian words (OW) swapped, and what a cosine transform decodes to
 * beyond the stored bits wraps around.
 */
export type Reading = 'standard' | 'pydicom';

/** A DICOM file with pixels. */
export interface DicomImage {
  readonly dataSet: DicomDataSet;
  readonly module: PixelModule;
  readonly sampleType: SampleType;
  /**
   * Decodes a frame to its stored samples, `rows * columns * samplesPerPixel` in C order, before any lookup table;
   * subsampled colours with a value for every pixel. Colours stay as they are coded (YBR_FULL stays YBR_FULL), but for the
   * transforms of JPEG 2000, which are part of its coding.
   *
   * @param frame From 1.
   * @throws WeakspotError `data` where there is no such frame, or it is damaged or truncated.
   */
  frame(frame: number, reading?: Reading): Promise<Samples>;
  /** What the samples of a frame (from 1) of three samples a pixel are, where its codestream itself says so. */
  streamColour(frame: number): StreamColour | undefined;
}

/** Samples of a frame that are decoded: beyond lie damaged headers and decompression bombs. */
const MAX_SAMPLES = 2 ** 28;
/** Of all frames together that a byte of a compressed file may stand for. */
const MAX_SAMPLES_PER_BYTE = 4096;

/**
 * Opens a DICOM file of any transfer syntax that is read. Declared sizes are checked against the data that there are;
 * nothing is decoded yet.
 *
 * @param file Name for messages.
 * @throws WeakspotError `data` where it is not DICOM, holds no pixels, is truncated, or of a kind that isn't read.
 */
export function openDicom(bytes: Uint8Array, file: string): DicomImage {
  const dataSet = readDataSet(bytes, file);
  const module = readPixelModule(dataSet, file);
  const { bitsAllocated, float, signed, transferSyntax } = module;
  const { rows, columns, samplesPerPixel, frames } = module;
  if (rows * columns * samplesPerPixel > MAX_SAMPLES)
    throw unreadableDicom(file, `its header says ${columns} x ${rows} pixels of ${samplesPerPixel} samples`);
  if (transferSyntax.encoding === 'unsupported') throw unreadableDicom(file, unsupported(transferSyntax));
  const { decode, colour } =
    transferSyntax.encoding === 'native'
      ? nativeFrames(dataSet, module, file)
      : compressedFrames(dataSet, module, file);
  const sampleType: SampleType = { bits: Math.max(bitsAllocated, 8), signed, float };
  return {
    dataSet,
    module,
    sampleType,
    async frame(frame, reading = 'standard') {
      if (!Number.isInteger(frame) || frame < 1 || frame > frames)
        throw unreadableDicom(
          file,
          `it has no frame ${frame}: ${frames === 1 ? 'there is one' : `there are ${frames}`}`,
        );
      return decode(frame - 1, sampleType, reading);
    },
    streamColour: (frame) => colour(frame - 1),
  };
}

function unsupported({ uid, name }: TransferSyntax): string {
  // Of a damaged header the UID may be any text of the file.
  return /^[\d.]{1,64}$/.test(uid)
    ? `its transfer syntax ${uid} (${name}) is not supported`
    : 'its transfer syntax is not a UID';
}

type Decode = (index: number, type: SampleType, reading: Reading) => Promise<Samples>;

/** By a frame's index from 0. */
interface Frames {
  readonly decode: Decode;
  /** What the frame's codestream says of its colours. */
  readonly colour: (index: number) => StreamColour | undefined;
}

function nativeFrames(dataSet: DicomDataSet, module: PixelModule, file: string): Frames {
  const keyword = module.float
    ? module.bitsAllocated === 32
      ? 'FloatPixelData'
      : 'DoubleFloatPixelData'
    : 'PixelData';
  const data = dataSet.bytes(keyword) ?? new Uint8Array();
  if (!dataSet.isSyntaxStated && dataSet.pixelData?.fragments !== undefined)
    throw unreadableDicom(file, 'its pixel data are compressed, but its header does not name the transfer syntax');
  const subsampled = isSubsampled(module, data.length, file);
  const needed = Math.ceil((nativeFrameBits(module, subsampled) * module.frames) / 8);
  if (dataSet.pixelData?.hadUndefinedLength === true || data.length < needed)
    throw unreadableDicom(
      file,
      `its pixel data have ${data.length} of ${needed} bytes: it is truncated, or its header is wrong`,
    );
  const { pixelData } = dataSet;
  const littleEndian = dataSet.isLittleEndian(keyword);
  const decode: Decode = async (index, type, reading) => {
    // Words of two 8-bit samples are swapped like any (PS3.5 section 8.1.2); nothing else swaps samples of a byte.
    const swapped = !littleEndian && reading === 'standard' && pixelData?.vr === 'OW' && module.bitsAllocated <= 8;
    const whole = swapped ? swapBytes(data.slice(0, data.length & ~1), 2) : data;
    return samplesOf(nativeFrame(whole, index, module, { littleEndian, subsampled }), type);
  };
  return { decode, colour: () => undefined };
}

function compressedFrames(dataSet: DicomDataSet, module: PixelModule, file: string): Frames {
  const { encoding } = module.transferSyntax;
  if (encoding === 'native' || encoding === 'unsupported') throw new Error(`${encoding} is not a compression`);
  if (dataSet.pixelData?.fragments === undefined)
    throw unreadableDicom(file, 'its pixel data are not in fragments, as its transfer syntax says they are');
  checkProportion(dataSet.content.length, module, file);
  const bytesOf = encapsulatedFrames(dataSet, module.frames);
  if (bytesOf === undefined)
    throw unreadableDicom(
      file,
      dataSet.stopped ?? `the fragments of its pixel data cannot be divided into ${module.frames} frames`,
    );
  const decode: Decode = async (index, type, reading) => {
    const { bytes, coded } = await decompress(bytesOf(index), encoding, module).catch((error: unknown) => {
      throw unreadableDicom(
        file,
        `its frame ${index + 1} does not decode (${module.transferSyntax.name}): ${reasonOf(error)}`,
        error,
      );
    });
    const samples = samplesOf(bytes, type);
    if (coded === undefined) return samples;
    const { bitsAllocated, bitsStored } = module;
    if (encoding !== 'jpeg')
      return reading === 'pydicom' ? extendFrom(samples, module, coded) : conformBits(samples, module, coded);
    if (coded.precision > bitsStored && (coded.lossless || reading === 'pydicom'))
      return bitsAllocated === 8 && reading === 'pydicom' ? samples : cleanBits(samples, module);
    // Of fewer bits than are stored, samples of JPEG, which knows no sign, are positive.
    return conformBits(samples, module, { ...coded, precision: Math.max(coded.precision, bitsStored) });
  };
  return { decode, colour: (index) => readCodestream(bytesOf(index), encoding)?.colour };
}

/** Frames may each pass for an empty image, and their number still be one that no such file holds. */
function checkProportion(bytes: number, { rows, columns, samplesPerPixel, frames }: PixelModule, file: string): void {
  const samples = rows * columns * samplesPerPixel * frames;
  if (samples > Math.max(MAX_SAMPLES, bytes * MAX_SAMPLES_PER_BYTE))
    throw unreadableDicom(file, `${bytes} bytes are too few for ${frames} frames of ${columns} x ${rows} pixels`);
}

/** A codec's own words, without the names of its functions. */
function reasonOf(error: unknown): string {
  // Some of its own errors end it as a fault would.
  if (error instanceof Error && error.name === 'RuntimeError') return 'it is damaged';
  return messageOf(error)
    .replace(/^\w+(::\w+)*::/, '')
    .trim();
}
