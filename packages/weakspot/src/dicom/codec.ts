/** A compressed frame and what its data set says of it. */
export interface CompressedFrame {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: number;
  /** 8 or 16. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly signed: boolean;
}

export interface DecodedFrame {
  /**
   * Little-endian samples of 8 or 16 bits, pixel by pixel. YCbCr of JPEG stays YCbCr; the colour transforms of JPEG 2000,
   * which are part of its codestream, are undone.
   */
  readonly samples: Uint8Array;
  /** What the codec noted in passing, with what it warns of. */
  readonly messages: readonly string[];
}

/** A decoder of the codec library. */
export type CodecName = 'decodeJpeg' | 'decodeJpegLs' | 'decodeJpeg2000' | 'decodeHtJpeg2000';

/**
 * Decodes one compressed frame. The codecs are WebAssembly from the package's own file, loaded when first needed. A failure
 * may leave them in disorder, so they are loaded anew after one.
 *
 * @throws Error with the codec's reason.
 */
export async function decodeFrame(codec: CodecName, frame: CompressedFrame): Promise<DecodedFrame> {
  const { NativeCodecs, Context, log } = (await import('dcmjs-codecs')).default;
  // A loop: between loading and use, the failure of another frame may have unloaded them.
  while (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync({ logCodecsInfo: true });
  const [level, factory] = [log.getLevel(), log.methodFactory];
  const messages: string[] = [];
  try {
    const context = new Context({
      width: frame.width,
      height: frame.height,
      bitsAllocated: frame.bitsAllocated,
      bitsStored: frame.bitsStored,
      samplesPerPixel: frame.samplesPerPixel,
      pixelRepresentation: frame.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: frame.samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB',
      encodedBuffer: frame.bytes,
    });
    // Nothing else runs until the frame is decoded, so all that is logged is of this frame.
    log.methodFactory = () => (message: string) => messages.push(message);
    log.setLevel('info', false);
    const samples = NativeCodecs[codec](context).getDecodedBuffer();
    if (samples === undefined) throw new Error('the codec returned no samples');
    if (messages.length > 0 || codec !== 'decodeJpeg') return { samples, messages };
    // libjpeg notes at least where the image starts: another user of the codecs has loaded them without messages.
    NativeCodecs.release();
  } catch (error) {
    NativeCodecs.release();
    throw error;
  } finally {
    log.methodFactory = factory;
    log.setLevel(level, false);
  }
  return decodeFrame(codec, frame);
}
