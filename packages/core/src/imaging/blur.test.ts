import { describe, expect, it } from 'vitest';
import { gaussianBlur } from './blur.js';

// scipy.ndimage.gaussian_filter 1.10.1, sigma = (down, across).
const image = [0, 0, 9, 1, 0, 3, 0, 0, 0, 7, 0, 5, 0, 2, 0, 8, 0, 0, 0, 1];
const bySciPy: readonly { readonly across: number; readonly down: number; readonly blurred: readonly number[] }[] = [
  {
    across: 0.7,
    down: 1.5,
    blurred: [
      1.272871912, 1.608018236, 2.800945329, 1.828828586, 1.997759766, 1.886384404, 1.701124663, 2.089802591,
      1.538400963, 1.95334744, 2.868684207, 1.843199531, 1.266975619, 1.127042165, 1.662740148, 3.662124869,
      1.940305393, 0.79795739, 0.832925178, 1.32056161,
    ],
  },
  {
    // Kernels of 12 and 8 pixels to each side: the image is mirrored several times over.
    across: 2,
    down: 3,
    blurred: [
      1.950902193, 1.888964644, 1.800956014, 1.72808447, 1.690751261, 1.972248892, 1.896823158, 1.79069193, 1.704215795,
      1.660697943, 2.002469488, 1.907959044, 1.776189702, 1.670472677, 1.618211517, 2.02384981, 1.915843454,
      1.765936245, 1.646595646, 1.588136116,
    ],
  },
  {
    across: 1,
    down: 0,
    blurred: [
      0.530372594, 2.232938614, 3.8325965, 2.582322818, 0.821769474, 1.923681559, 0.919847565, 0.58422989, 2.085435088,
      4.486805897, 1.48894425, 2.12485891, 1.694736934, 1.076706299, 0.614753607, 5.127453151, 2.372266277, 0.525806901,
      0.332488111, 0.64198556,
    ],
  },
];

describe('gaussianBlur', () => {
  it.each(bySciPy)('is that of SciPy: $across across, $down down', ({ across, down, blurred }) => {
    const found = gaussianBlur(image, 5, 4, across, down);
    for (const [i, value] of blurred.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });

  it('keeps an image of one value, and the mean of any', () => {
    const flat = gaussianBlur(new Uint16Array(12).fill(65535), 4, 3, 1.3, 40);
    for (const value of flat) expect(value).toBeCloseTo(65535, 2);
    // Mirrored edges let nothing out: SciPy's `reflect`, unlike `nearest` or `constant`.
    const sum = gaussianBlur(image, 5, 4, 0.9, 0.4).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(36, 4);
  });

  it('refuses values that are no image', () => {
    expect(() => gaussianBlur([1, 2, 3], 2, 2, 1, 1)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
