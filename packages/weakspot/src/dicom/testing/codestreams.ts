import codecs from 'dcmjs-codecs';

/** Encoders of the codec library. */
export type EncoderName = 'encodeJpeg' | 'encodeJpegLs' | 'encodeJpeg2000' | 'encodeHtJpeg2000';

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly signed?: boolean;
  /** Little-endian samples, pixel by pixel. */
  readonly bytes: Uint8Array;
}

/** A codestream that the codec library made of samples; `lossy: false` in the parameters is lossless. */
export async function encode(
  encoder: EncoderName,
  picture: Picture,
  parameters: Record<string, unknown> = { lossy: false },
): Promise<Uint8Array> {
  const { NativeCodecs, Context, log } = codecs;
  log.setLevel('silent', false);
  while (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  const context = new Context({
    width: picture.width,
    height: picture.height,
    samplesPerPixel: picture.samplesPerPixel,
    bitsAllocated: picture.bitsAllocated,
    bitsStored: picture.bitsStored,
    pixelRepresentation: picture.signed === true ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation: picture.samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB',
    decodedBuffer: picture.bytes,
  });
  const encoded = NativeCodecs[encoder](context, parameters).getEncodedBuffer();
  if (encoded === undefined) throw new Error('nothing was encoded');
  return encoded;
}
