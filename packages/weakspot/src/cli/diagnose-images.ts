import { messageOf } from '@weakspot/core';

/** What images can be read. */
export interface ImagesDiagnosis {
  /** Name and version of the image library; null where it cannot be loaded. */
  readonly library: string | null;
  /** Formats that are decoded, by their usual file endings. */
  readonly formats: readonly string[];
  /** Whether 16 bits a pixel come through unchanged. */
  readonly sixteenBits: boolean;
  /** What is wrong, in a few words; null where all is well. */
  readonly problem: string | null;
}

/** Loads the image library, lists what it decodes, and takes four grey values of 16 bits through a PNG. */
export async function diagnoseImages(): Promise<ImagesDiagnosis> {
  try {
    const { default: sharp } = await import('sharp');
    const { FORMATS, decodeImage } = await import('../data/decode.js');
    const formats = Object.entries(sharp.format).flatMap(([name, { input }]) => {
      if (!FORMATS.has(name) || !input.buffer) return [];
      const [ending = name] = input.fileSuffix ?? [];
      return [ending.replace('.', '')];
    });
    const values = Uint16Array.of(0, 1, 256, 65535);
    const image = sharp(values, { raw: { width: 4, height: 1, channels: 1 } });
    const { pixels } = await decodeImage(await image.toColourspace('grey16').png().toBuffer(), 'the test image');
    const sixteenBits = pixels instanceof Uint16Array && pixels.join() === values.join();
    return {
      library: `sharp ${sharp.versions.sharp ?? 'of an unknown version'}`,
      // PGM is decoded without the library.
      formats: [...formats, 'pgm'].toSorted((a, b) => a.localeCompare(b)),
      sixteenBits,
      problem: sixteenBits ? null : `16-bit images are changed: ${values.join()} became ${pixels.join()}`,
    };
  } catch (error) {
    const said = messageOf(error).trim().split('\n')[0] ?? '';
    return { library: null, formats: [], sixteenBits: false, problem: `sharp does not work: ${said}` };
  }
}
