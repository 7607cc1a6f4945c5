import type { DicomDataSet } from './dataset.js';
import { unreadableDicom } from './failure.js';
import type { Keyword } from './dictionary.js';
import type { TransferSyntax } from './transfer-syntax.js';
import { transferSyntaxOf } from './transfer-syntax.js';

/** How a file stores its pixels: the image pixel module (PS3.3 C.7.6.3). */
export interface PixelModule {
  readonly transferSyntax: TransferSyntax;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samplesPerPixel: number;
  /** Whether native samples stand plane by plane instead of pixel by pixel. */
  readonly planar: boolean;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly float: boolean;
  readonly photometricInterpretation: string;
}

/** Bits that a sample may be allocated. */
const ALLOCATED = [1, 8, 16, 32];

/** @throws WeakspotError `data` where it has no pixels, or says of them what can't be. */
export function readPixelModule(dataSet: DicomDataSet, file: string): PixelModule {
  const float = !dataSet.has('PixelData') && (dataSet.has('FloatPixelData') || dataSet.has('DoubleFloatPixelData'));
  if (!float && !dataSet.has('PixelData')) throw unreadableDicom(file, dataSet.stopped ?? 'it holds no pixel data');
  const read = (keyword: Keyword, lowest: number, highest: number, missing?: number): number => {
    const value = dataSet.number(keyword) ?? missing;
    if (value === undefined) throw unreadableDicom(file, `its attribute ${keyword} is missing`);
    if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
    throw dataSet.unreadable(keyword, `is not a whole number from ${lowest} to ${highest}`);
  };
  const bitsAllocated = read('BitsAllocated', 1, 64, float ? (dataSet.has('FloatPixelData') ? 32 : 64) : undefined);
  if (!float && !ALLOCATED.includes(bitsAllocated))
    throw unreadableDicom(file, `its samples take ${bitsAllocated} bits; 1, 8, 16 and 32 are supported`);
  const bitsStored = read('BitsStored', 1, bitsAllocated, bitsAllocated);
  const samplesPerPixel = read('SamplesPerPixel', 1, 4, 1);
  if (samplesPerPixel === 2) throw unreadableDicom(file, 'its pixels have 2 samples');
  return {
    transferSyntax: transferSyntaxOf(dataSet.transferSyntax),
    rows: read('Rows', 1, 65535),
    columns: read('Columns', 1, 65535),
    frames: read('NumberOfFrames', 1, 2 ** 31 - 1, 1),
    samplesPerPixel,
    planar: samplesPerPixel > 1 && read('PlanarConfiguration', 0, 1, 0) === 1,
    bitsAllocated,
    bitsStored,
    highBit: read('HighBit', bitsStored - 1, bitsAllocated - 1, bitsStored - 1),
    signed: !float && read('PixelRepresentation', 0, 1, 0) === 1,
    float,
    photometricInterpretation: dataSet.string('PhotometricInterpretation') ?? 'MONOCHROME2',
  };
}
