import type { MapChoice } from '@weakspot/core';
import type { ReportPage } from '../report/page/content.js';
import { formatScore } from '../report/table.js';
import { evidenceWarning } from './evidence.js';
import { groupBy } from './group-by.js';
import { type MeasuredRun, imageKey, testedImages } from './measure.js';
import type { ReportSources } from './sources.js';

/** Fewer located images than this make a hit rate a rough one. */
const FEW = 30;

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
      `What follows was measured on ${listOf(tests.map(({ name }) => name))}; ground truth was read for that only.`,
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
      : ` The response lies on a lesion in ${Math.round(hitRate * located)} of ${located} (hit rate ${formatScore(hitRate)}); that of a random point would in ${formatScore(hitRateRandom)}.`;
  return `${counts}${pointing}${auc === undefined ? '' : ` AUC ${formatScore(auc)}.`}`;
}

/** What a reader should know before believing the numbers of one test set. */
export function warningsOf(runs: readonly MeasuredRun[], methods: readonly string[], test: string): string[] {
  const nameOf = ({ run }: MeasuredRun): string => {
    const isOneOfSeveral = runs.filter((other) => other.run.method === run.method).length > 1;
    return isOneOfSeveral ? `${methods[run.method]}, ${run.name}` : (methods[run.method] ?? '');
  };
  const listed = (chosen: readonly MeasuredRun[], of: (run: MeasuredRun) => string): string =>
    chosen.map((run) => `${nameOf(run)} (${of(run)})`).join('; ');
  const warnings: string[] = [];

  const lost = runs.filter(({ metrics: { hitRate = 1, hitRateRandom = 0 } }) => hitRate <= hitRateRandom);
  if (lost.length > 0) {
    warnings.push(
      `On ${test} these hit lesions no more often than random points would, whose hit rate is ` +
        `${formatScore(lost[0]?.metrics.hitRateRandom)}; their maps do not show where lesions are: ` +
        `${listed(lost, ({ metrics }) => formatScore(metrics.hitRate))}.`,
    );
  }
  const guessing = runs.filter(({ metrics: { auc = 1 } }) => auc <= 0.5);
  if (guessing.length > 0) {
    warnings.push(
      `On ${test} these rank images no better than chance, by their AUC: ` +
        `${listed(guessing, ({ metrics }) => formatScore(metrics.auc))}.`,
    );
  }
  const misplaced = evidenceWarning(runs, nameOf, test);
  if (misplaced !== undefined) warnings.push(misplaced);
  const learned = runs.filter(({ position }) => position?.isPosition === true);
  if (learned.length > 0) {
    warnings.push(
      `On ${test} the hit rate does not show that single lesions are found: the responses of other images hit as often, but for ` +
        `what chance makes, or the mean of a run's maps, given for every image, does. The best point that is the same in every ` +
        `image hits ${formatScore(learned[0]?.metrics.hitRateFixed)}. Hit rate, that of other images' responses and of the mean map: ` +
        `${listed(learned, ({ metrics, position }) =>
          [metrics.hitRate, metrics.hitRateShuffled, position?.mean.hitRate].map(formatScore).join(', '),
        )}.`,
    );
  }
  const unread = Math.max(0, ...runs.map((run) => run.unread));
  if (unread > 0) {
    warnings.push(
      `${countOf(unread, 'image')} of ${test} could not be read and ${unread === 1 ? 'is' : 'are'} left out.`,
    );
  }
  const [first] = runs;
  if (first !== undefined && first.metrics.located > 0 && first.metrics.located < FEW) {
    const { located } = first.metrics;
    warnings.push(
      `${test} has ${countOf(located, 'positive image')} with ground truth only: a single one changes the hit rate by ` +
        `${formatScore(1 / located)}.`,
    );
  }
  // Runs of one method may be those of the folds: together they have the images of the others.
  const sets = [...groupBy(runs, ({ run }) => run.method).values()].map((group) =>
    testedImages(group).map(({ sample }) => imageKey(sample)),
  );
  if (new Set(sets.map((keys) => keys.toSorted().join('\n'))).size > 1) {
    warnings.push(`The methods were tested on different images of ${test}: their numbers cannot be compared directly.`);
  }
  return warnings;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A map that is read, in words. */
function mapWords(map: MapChoice, positive: string): string {
  switch (map) {
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
    ['ACC', 'Share of images whose most probable class is theirs.'],
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
      `The response is the maximum of ${map}, resized to the original image. It hits if it lies in ground truth grown by ${tolerance}.`,
    ],
    [
      'Loc AP',
      'Average precision of ranking images by their probability where only a positive image whose response hits is a true positive (Hwang & Kim 2016). At most AP+, where all positive images have ground truth.',
    ],
    [
      'Hit rate and Random',
      'Share of positive images with ground truth whose response hits, and the hit rate to expect of a point drawn at random in each image.',
    ],
    [
      'Shuffled, Mean map and Fixed',
      'Hit rates too: of the responses of other images; of the mean of the model’s maps, given for every image; of the best point that is the same in every image, chosen by the ground truth. The gain is the hit rate less that of other images’ responses: what the response knows of the single image.',
    ],
    [
      'FROC',
      'Share of lesions found over the number of wrong marks per image; the marks are the peaks of the parts of a map at half its range or above, each scored by its height times the probability.',
    ],
    [
      'Maps',
      `${Map}, over the film, scaled linearly so that its minimum is 0 and its maximum the probability of ${positive} (Fig. 3 of the paper). Green: ground truth. Cross: the response.`,
    ],
    ['alpha', "The localizer's share of the training loss; the classifier has the rest."],
    [
      'Smoothness',
      'Mean correlation of neighbouring weights of a filter: about 0 of noise, towards 1 of a smooth filter.',
    ],
  ];
}
