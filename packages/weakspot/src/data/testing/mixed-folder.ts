import { dicomFile } from '../../dicom/testing/file.js';
import { greyPng } from './files.js';

/** An image of 2 x 2 pixels. */
export const dicom = dicomFile({
  SOPInstanceUID: '1.2.3',
  SamplesPerPixel: [1],
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: [2],
  Columns: [2],
  BitsAllocated: [8],
  BitsStored: [8],
  HighBit: [7],
  PixelRepresentation: [0],
  PixelData: new Uint8Array([1, 2, 3, 4]),
});
/** A directory of files: its storage class is in the header, where the SOP class of an image would be. */
export const directory = Buffer.concat([
  Buffer.alloc(128),
  Buffer.from('DICM'),
  Buffer.from([2, 0, 2, 0, 0x55, 0x49, 20, 0]),
  Buffer.from('1.2.840.10008.1.3.10'),
]);
export const nifti = Buffer.concat([Buffer.from([0x5c, 1]), Buffer.alloc(342), Buffer.from('n+1\0')]);

/** A folder of all sorts of files, by name. */
export async function mixedFolder(): Promise<Record<string, string | Uint8Array>> {
  const png = await greyPng(new Uint8Array(4), 2, 2);
  return {
    IM0001: dicom,
    '1.2.840.5.6': dicom,
    'c.IMA': dicom,
    'd.dcm': dicom,
    'e.img': dicom,
    DICOMDIR: directory,
    scan: png,
    'scan.bmp': png,
    'scan.png_original': png,
    'v.nii': nifti,
    'a.csv': 'x',
    'b.csv': dicom,
    README: 'x',
    '.DS_Store': 'x',
    'Thumbs.db': 'x',
    'deep/er/IM0002': dicom,
  };
}
/** Those of them that are images, sorted. */
export const IMAGES = ['1.2.840.5.6', 'IM0001', 'c.IMA', 'd.dcm', 'deep/er/IM0002', 'e.img', 'scan', 'scan.bmp'];
