/**
 * How a decoded image becomes the network's input, in this order: intensities, crop, resize, CLAHE, normalisation. Saved
 * with the run and with the exported model, and executed by the same code in training, evaluation, localization and in
 * a program that has only the model.
 */
export interface Preprocessing {
  /** Size of the network's input, pixels. */
  readonly width: number;
  readonly height: number;
  /** Which values become 0 and 1; values outside are clipped. MONOCHROME1 images are inverted after that. */
  readonly intensity: {
    /**
     * `display`: by the file's own first window or VOI LUT (DICOM), else as `full-scale`: 0 to the format's white, of
     * DICOM all that its stored bits can hold. Or between two given values, the image's own minimum and maximum, or two of its
     * percentiles.
     */
    readonly range: 'display' | 'full-scale' | 'window' | 'min-max' | 'percentile';
    /** For `window`: the values, of DICOM after the modality LUT, that become 0 and 1. */
    readonly window?: readonly [number, number];
    /** 0..100, for `percentile`; 0.5 and 99.5 unless given. */
    readonly percentiles?: readonly [number, number];
  };
  /** `content`: flat borders are cut off first (`contentBox`). */
  readonly crop: 'none' | 'content';
  /** `stretch`: each axis by its own factor. `pad`: both by the same, centred, with black around. */
  readonly fit: 'stretch' | 'pad';
  /** Contrast-limited adaptive histogram equalization of the resized image, without the padding; null: none. */
  readonly clahe: { readonly tiles: number; readonly clipLimit: number } | null;
  /**
   * What is subtracted and divided by (of 0..1 values): the image's own mean and standard deviation, those of all training images
   * together, or fixed numbers. Those of a set are not known before its images are prepared; the run and the model have them.
   */
  readonly normalization:
    | { readonly kind: 'image' }
    | { readonly kind: 'set'; readonly mean?: number; readonly std?: number }
    | { readonly kind: 'fixed'; readonly mean: number; readonly std: number };
  /** Widen the resize filter where the image shrinks, so that every source pixel counts. */
  readonly antialias: boolean;
}
