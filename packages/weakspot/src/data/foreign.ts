import { constants, gunzipSync } from 'node:zlib';
import { fileTypeFromBuffer } from 'file-type';
import { isDicom, isDicomDirectory } from '../dicom/index.js';
import { isBmp } from './bmp.js';

/** Bytes of a file's beginning that `foreignFormat` wants. */
export const FOREIGN_HEAD = 4100;
/** Most that is unpacked to see what a gzip file holds. */
const UNPACKED = 2 ** 22;

/** A format that is known and not read. */
export interface ForeignFormat {
  /** Such as `NIfTI`. */
  readonly name: string;
  /** What to do with such a file: an imperative. */
  readonly remedy: string;
}

const SLICES = 'write its slices as PNG of 8 or 16 bits, or as DICOM';
const IMAGES = 'write its images as PNG of 8 or 16 bits';
const UNPACK = 'unpack it and give its contents';
const FRAMES = 'write its frames as PNG';
const DEVELOP = 'develop it to TIFF or PNG of 16 bits';

/** Formats of science and medicine, and what lies about in place of a file. Those of text come with `isText`. */
const OURS: readonly (ForeignFormat & { readonly isText?: true; readonly is: (head: Head) => boolean })[] = [
  // nifti1.h: the header's size, and at its end the magic; NIfTI-2 has it right behind the size.
  { name: 'NIfTI', remedy: SLICES, is: (head) => /^n[+i]1\0/.test(head.text(344, 4)) && head.sizeIs(348) },
  { name: 'NIfTI', remedy: SLICES, is: (head) => /^n[+i]2\0/.test(head.text(4, 4)) && head.sizeIs(540) },
  {
    name: 'Analyze 7.5',
    remedy: SLICES,
    is: (head) => head.sizeIs(348) && /^(\0\0@\0|\0@\0\0)/.test(head.text(32, 4)),
  },
  { name: 'NRRD', remedy: SLICES, is: (head) => /^NRRD\d{4}/.test(head.text(0, 8)), isText: true },
  {
    name: 'MetaImage',
    remedy: SLICES,
    is: (head) => /^\s*(ObjectType|NDims)\s*=/.test(head.text(0, 64)),
    isText: true,
  },
  { name: 'NumPy array', remedy: IMAGES, is: (head) => head.starts('\x93NUMPY') },
  { name: 'NPZ', remedy: IMAGES, is: (head) => head.starts('PK\x03\x04') && /^[^/]*\.npy/.test(head.text(30, 512)) },
  { name: 'MATLAB', remedy: IMAGES, is: (head) => /^MATLAB \d\.\d MAT-file/.test(head.text(0, 20)) },
  { name: 'HDF5', remedy: IMAGES, is: (head) => head.starts('\x89HDF\r\n\x1a\n') },
  { name: 'NetCDF', remedy: IMAGES, is: (head) => ['CDF\x01', 'CDF\x02', 'CDF\x05'].includes(head.text(0, 4)) },
  { name: 'FITS', remedy: IMAGES, is: (head) => /^SIMPLE {2}= +T/.test(head.text(0, 40)) },
  { name: 'OpenEXR', remedy: IMAGES, is: (head) => head.starts('v/1\x01') },
  { name: 'Radiance HDR', remedy: IMAGES, is: (head) => /^#\?(RADIANCE|RGBE)/.test(head.text(0, 10)) },
  { name: 'ECAT', remedy: SLICES, is: (head) => /^MATRIX7\d/.test(head.text(0, 8)) },
  { name: 'PAR/REC', remedy: SLICES, is: (head) => head.starts('# === DATA DESC'), isText: true },
  { name: 'VTK', remedy: SLICES, is: (head) => head.starts('# vtk DataFile'), isText: true },
  { name: 'DjVu', remedy: IMAGES, is: (head) => head.starts('AT&TFORM') },
  {
    name: 'SVG',
    remedy: 'write it as PNG',
    is: (head) => /^\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/is.test(head.text(0, 4096)),
    isText: true,
  },
  {
    name: 'a web page',
    remedy: 'download the file itself',
    is: (head) => /^\s*(<!--.*?-->\s*)*(<!DOCTYPE html|<html)[\s>]/is.test(head.text(0, 1024)),
    isText: true,
  },
  {
    name: 'a pointer of Git LFS',
    remedy: 'fetch the file itself with "git lfs pull"',
    is: (head) => head.starts('version https://git-lfs.github.com/spec/'),
    isText: true,
  },
];

/** What others call these kinds, by their media types. */
const MEDIA: readonly (readonly [RegExp, string | undefined, string])[] = [
  [
    /^application\/(zip|x-tar|x-rar|x-7z|gzip|x-bzip|x-xz|x-lz|x-lzh|zstd|x-compress|x-cpio|x-arj|x-ace)/,
    undefined,
    UNPACK,
  ],
  [/^application\/pdf/, 'PDF', 'save the images in it as PNG'],
  [/^(video\/|application\/(mxf|vnd.ms-asf|ogg))/, 'video', FRAMES],
  [/^audio\//, 'sound', 'give image files'],
  [/^image\/(x-(canon|adobe|nikon|sony|panasonic|fujifilm|olympus))/, 'camera RAW', DEVELOP],
  [/^image\/(jp2|j2c|jpx|jpm|mj2)/, 'JPEG 2000', IMAGES],
  [/^image\/jls/, 'JPEG-LS', IMAGES],
  [/^image\/vnd.adobe.photoshop/, 'Photoshop', IMAGES],
  [/^image\//, undefined, IMAGES],
];

/** Formats that are read: they are told from their content elsewhere. */
const READ = /^image\/(png|apng|jpeg|tiff|webp|gif|avif|hei[cf].*|jxl)$/;
const TIFF_LIKE = /^(II\*\0|MM\0\*|II\+\0|MM\0\+|IIU\0|IIRO|IIRS)/;

/** The beginning of a file. */
class Head {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** As Latin-1: a letter for a byte. */
  text(from: number, length: number): string {
    return Buffer.from(this.#bytes.subarray(from, from + length)).toString('latin1');
  }

  starts(text: string): boolean {
    return this.text(0, text.length) === text;
  }

  /** Whether it begins with this number as 32 bits of either byte order. */
  sizeIs(size: number): boolean {
    if (this.#bytes.length < 4) return false;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, 4);
    return view.getInt32(0, true) === size || view.getInt32(0) === size;
  }
}

/** The format of text that begins like this, where it is known and not read as text. */
export function foreignText(bytes: Uint8Array): ForeignFormat | undefined {
  const head = new Head(bytes);
  return OURS.find(({ isText, is }) => isText === true && is(head));
}

/** What a file is by its content: an image format that is read, `DICOM` among them, or one that is not. */
export type KnownFormat = { readonly read: true; readonly name: string } | ({ readonly read: false } & ForeignFormat);

/** The format of a file that begins with these bytes; undefined where it isn't known, as of most text. */
export async function formatOf(bytes: Uint8Array): Promise<KnownFormat | undefined> {
  const head = bytes.subarray(0, FOREIGN_HEAD);
  if (isDicomDirectory(head)) return { read: false, name: 'DICOMDIR', remedy: 'give the files that it lists' };
  if (isDicom(head)) return { read: true, name: 'DICOM' };
  if (isBmp(head)) return { read: true, name: 'BMP' };
  if (/^P[25]\s/.test(new Head(head).text(0, 3))) return { read: true, name: 'PGM' };
  const own = ownFormat(head);
  if (own !== undefined) return { read: false, ...own };
  if (head[0] === 0x1f && head[1] === 0x8b) return { read: false, ...gzipped(head) };
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  if (type === undefined) return undefined;
  if (READ.test(type.mime)) return { read: true, name: type.ext.toUpperCase() };
  const [, name, remedy] = MEDIA.find(([pattern]) => pattern.test(type.mime)) ?? [];
  return { read: false, name: name ?? type.ext.toUpperCase(), remedy: remedy ?? 'give image files' };
}

/**
 * The format of a file that begins with these bytes, where it is a known one that is not read: of science and medicine,
 * archives, videos, camera RAW and the like. Undefined for what is read, and for what isn't known.
 */
export async function foreignFormat(bytes: Uint8Array): Promise<ForeignFormat | undefined> {
  const format = await formatOf(bytes);
  return format?.read === false ? format : undefined;
}

/** Whether bytes begin like TIFF, as camera RAW does, too. */
export function isTiffLike(bytes: Uint8Array): boolean {
  return TIFF_LIKE.test(new Head(bytes).text(0, 4));
}

/** `NIfTI is not read: write its slices ...` */
export function notReadMessage({ name, remedy }: ForeignFormat): string {
  return `${name} is not read: ${remedy}`;
}

function ownFormat(bytes: Uint8Array): ForeignFormat | undefined {
  const head = new Head(bytes);
  return OURS.find(({ is }) => is(head));
}

/** Named by what is in it, where that is known: NIfTI mostly comes as `.nii.gz`. */
function gzipped(head: Uint8Array): ForeignFormat {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED };
    const inside = gunzipSync(head, options).subarray(0, FOREIGN_HEAD);
    const own = ownFormat(inside);
    if (own !== undefined) return { name: `${own.name} (gzip)`, remedy: own.remedy };
  } catch {
    // Damaged, or a bomb: it is gzip all the same.
  }
  return { name: 'gzip', remedy: UNPACK };
}
