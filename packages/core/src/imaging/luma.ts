/**
 * Luma of colours, `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601, as in JPEG), rounded: a grey image stored as colour is
 * the same grey.
 *
 * @param rgb Three samples a pixel, unsigned, of at most 16 bits.
 */
export function luma(rgb: Uint8Array | Uint16Array): Uint8Array | Uint16Array {
  const count = rgb.length / 3;
  const grey = rgb instanceof Uint16Array ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    // In integers, so that R = G = B stays exactly itself.
    grey[i] = (299 * (rgb[at] as number) + 587 * (rgb[at + 1] as number) + 114 * (rgb[at + 2] as number) + 500) / 1000;
  }
  return grey;
}
