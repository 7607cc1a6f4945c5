import { type MapChoice, formatScore, mapParts } from '@weakspot/core';
import type { ReportPage } from '../report/page/content.js';
import { type MeasuredRun, testedImages } from './measure.js';
import type { ReportSources } from './sources.js';

/** `1 image`, `12 images`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What was trained and tested, in sentences. */
export function leadOf({ methods, runs }: ReportSources, tests: readonly { readonly name: string }[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { classes, positive, dataset } = first.run;
  const names = listOf(methods);
  const trained =
    runs.length === 1 ? `${names} was trained` : `${names} were trained, ${countOf(runs.length, 'run')} in all,`;
  const others = classes.filter((_, i) => i !== positive);
  return [
    `${trained} on ${dataset} from image-level labels alone: ${listOf(others)} or ${classes[positive] ?? ''}. ` +
      `The following was measured on ${listOf(tests.map(({ name }) => name))}; ground truth was used only for that.`,
  ];
}

/** What was tested, and the numbers that matter most, in sentences. */
export function testText(runs: readonly MeasuredRun[], methods: readonly string[]): string {
  const [first] = runs;
  if (first === undefined) return '';
  const images = testedImages(runs);
  const positives = images.filter(({ positive }) => positive);
  const located = positives.filter(({ hit }) => hit !== undefined).length;
  const counts = `${countOf(images.length, 'image')}, ${positives.length} positive, ${located} of them with ground truth.`;
  if (methods.length > 1 || runs.length > 1) return counts;
  const { hitRate, hitRateRandom, auc } = first.metrics;
  const pointing =
    hitRate === undefined
      ? ''
      : ` The response lies on a lesion in ${Math.round(hitRate * located)} of ${located} (hit rate ${formatScore(hitRate)}); a random point has a hit rate of ${formatScore(hitRateRandom)}.`;
  return `${counts}${pointing}${auc === undefined ? '' : ` AUC ${formatScore(auc)}.`}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A map that is read, in words. */
function mapWords(map: MapChoice, positive: string): string {
  const { base, flips } = mapParts(map);
  return flips
    ? `${baseWords(base, positive)}, averaged over the image and its mirror images`
    : baseWords(base, positive);
}

function baseWords(base: ReturnType<typeof mapParts>['base'], positive: string): string {
  switch (base) {
    case 'positive':
      return `the activation map of ${positive}`;
    case 'difference':
      return `the activation map of ${positive} minus the others`;
    case 'negative':
      return 'the activation maps of the other classes, negated';
    case 'layercam':
      return `LayerCAM of the localizer, which shows where its evidence of ${positive} is`;
    case 'gradcam':
      return `Grad-CAM of the classifier for ${positive}`;
  }
}

/** What the tables' columns and the figures' words mean; `maps` are those of the runs. */
export function termsOf(positive: string, tolerance: string, maps: readonly MapChoice[] = []): ReportPage['terms'] {
  const map = [...new Set(maps.length === 0 ? (['positive'] as const) : maps)]
    .map((one) => mapWords(one, positive))
    .join(' or ');
  const Map = `${map.charAt(0).toUpperCase()}${map.slice(1)}`;
  return [
    ['ACC', 'Share of images whose most probable class is the right one.'],
    [
      'AUC',
      `Area under the ROC curve: the probability that an image of ${positive} scores higher than another, ties counting one half.`,
    ],
    [
      'AP+ and AP-',
      `Average precision of finding the images of ${positive}, and of finding all others, by their probability; nothing is interpolated.`,
    ],
    [
      'Response and hit',
      `The response is the maximum of ${map}, resized to the original image. It hits if it lies in ground truth enlarged by ${tolerance}.`,
    ],
    [
      'Loc AP',
      'Average precision of ranking images by their probability, where only a positive image whose response hits is a true positive (Hwang & Kim 2016). At most AP+, where all positive images have ground truth.',
    ],
    [
      'Hit rate and Random',
      'Share of positive images with ground truth whose response hits, and the expected hit rate of a point drawn at random in each image.',
    ],
    [
      'Shuffled, Mean map, Fixed',
      'More hit rates: of the responses of other images; of the mean of the model’s maps, used for every image; of the best single point for all images, chosen with the ground truth. The gain is the hit rate minus that of other images’ responses: what the response knows about the single image.',
    ],
    [
      'Bright and Dark',
      'Hit rates of the brightest and of the darkest point of each image, blurred by a twentieth of its width and height: how well brightness alone would do.',
    ],
    [
      'FROC',
      'Share of lesions found over the number of wrong marks per image; the marks are the peaks of the regions of a map at or above half its range, each scored by its height times the probability.',
    ],
    [
      'Maps',
      `${Map}, over the image, scaled linearly so that its minimum is 0 and its maximum the probability of ${positive} (Fig. 3 of the paper). Green: ground truth. Cross: the response.`,
    ],
    ['alpha', "The localizer's share of the training loss; the rest is the classifier's."],
    [
      'Smoothness',
      'Mean correlation of neighbouring weights of a filter: about 0 for noise, towards 1 for a smooth filter.',
    ],
  ];
}
