import { devices, localizerMaps, mapParts, methodNames, networkNames } from '@weakspot/core';
import { z } from 'zod';
import { augmentationSchema } from '../data/augment.js';
import { preprocessingSchema } from '../data/preprocess.js';
import { formats } from '../data/readers/formats.js';
import { splitSettingsSchema } from '../data/split-settings.js';
import { didYouMean } from '../data/suggest.js';
import { NO_FLIPS, flipsOf } from './flips.js';

const fraction = z.number().min(0).max(1);
const count = z.int().min(1);

/** The weight of a term of the loss. */
function termWeight(says: string): z.ZodDefault<z.ZodNumber> {
  return z.number().min(0).default(0).describe(`Weight of the term that says: ${says}. 0: without it.`);
}

/** The section `network`. */
export const networkSchema = z
  .strictObject({
    name: z
      .enum(networkNames)
      .describe(
        "The convolutional trunk: `alexnet6` is the paper's, `compact` half as wide, `small` for small images, `field` for lesions that " +
          'may lie anywhere: its cells see little.',
      ),
    classifier: z
      .array(count)
      .exactOptional()
      .describe("Widths of the classifier's hidden layers. Default: those of the network."),
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .exactOptional()
      .describe('Probability of dropping a hidden unit of the classifier. Default: that of the network.'),
    normalization: z
      .enum(['batch', 'group', 'none'])
      .exactOptional()
      .describe(
        'Normalisation of the channels of `field`: over the minibatch (`batch`, its default), over groups of 8 channels of one image (`group`), or none.',
      ),
    width: z
      .number()
      .positive()
      .max(16)
      .exactOptional()
      .describe('Factor of the numbers of channels of `field`; 1 unless given.'),
    depth: z
      .int()
      .min(1)
      .max(64)
      .exactOptional()
      .describe(
        'Number of convolutions of `field` at its full stride, each of which widens what a cell sees; 4 unless given.',
      ),
    stride: z
      .union([z.literal(2), z.literal(4), z.literal(8)], { error: 'must be 2, 4 or 8' })
      .exactOptional()
      .describe('Input pixels between the cells of `field`: 2, 4 (its default) or 8.'),
  })
  .refine(
    ({ name, normalization, width, depth, stride }) =>
      name === 'field' || [normalization, width, depth, stride].every((value) => value === undefined),
    { path: ['name'], message: 'must be `field` where normalization, width, depth or stride are given' },
  )
  .describe('Trunk and classifier.');

/**
 * Everything that determines a training run; kept as `config.json` in the run's folder. The descriptions are also those
 * of docs/reference/configuration.md, which is made from this schema.
 */
export const runConfigSchema = z
  .strictObject({
    data: z
      .strictObject({
        path: z
          .string()
          .min(1)
          .describe(
            'A folder with one sub-folder per class, a folder with `labels.csv`, a CSV file of labels, or a data set of a known format.',
          ),
        format: z
          .enum(formats, {
            error: ({ input }) =>
              `there is no format "${String(input)}"${didYouMean(String(input), formats)}; the formats are ${formats.join(', ')}`,
          })
          .exactOptional()
          .describe('Format of the data set, if it is not recognized correctly.'),
        images: z
          .string()
          .exactOptional()
          .describe('Folder of the files that the CSV names, if they are not beside it.'),
        boxes: z
          .string()
          .exactOptional()
          .describe(
            'CSV with ground truth boxes, if it is not beside the labels. For testing only: training never reads it.',
          ),
        multiLabel: z
          .boolean()
          .exactOptional()
          .describe(
            'Whether an image may have several labels, or none, each predicted on its own. Default: whether a label table has ' +
              'cells with several labels, separated by `|`. Of the known formats, `nih-chestxray14` can be read this way.',
          ),
        positive: z.string().exactOptional().describe('Name of the positive class, if it cannot be inferred.'),
        strict: z.boolean().describe('Stop at the first unreadable image instead of leaving it out.'),
        split: splitSettingsSchema.describe(
          'How the data are divided by patient: by shares that add up to 1 (a split that the data set already has takes precedence); ' +
            'into folds, one of which is for testing; or by a file.',
        ),
      })
      .describe('The data to train on. Paths in a configuration file are relative to that file.'),
    method: z
      .enum(methodNames)
      .describe(
        "Global pooling of the localizer, alone or with self-transfer learning. The first six are the paper's.",
      ),
    network: networkSchema,
    sharpness: z
      .number()
      .positive()
      .describe('r of LSE pooling: towards 0 the average, towards infinity the maximum. `LearnedLSE` starts from it.'),
    localizer: z
      .strictObject({
        evidence: z
          .enum(['classes', 'single'])
          .default('classes')
          .describe(
            "`classes`: a map per class under one softmax, as in the paper; evidence may then settle in the negative class's " +
              "map. `single`: the negative class's logit and map are 0, so that with two classes one map carries all evidence.",
          ),
        topShare: z
          .number()
          .positive()
          .max(1)
          .default(0.2)
          .describe('Share of the cells of a map that `TopK` pooling averages; at least one cell.'),
        penalty: z
          .number()
          .min(0)
          .default(0)
          .describe(
            "Weight of the mean square of all maps but the positive class's, added to the localizer's loss; 0 as in the paper.",
          ),
        terms: z
          .strictObject({
            absent: termWeight('every cell of an image without the positive class is without it'),
            background: termWeight('the cells of a positive image in which the evidence is lowest are background'),
            backgroundShare: z
              .number()
              .positive()
              .max(1)
              .default(0.5)
              .describe('Share of the cells that `background` takes.'),
            size: termWeight('no more than `largestSize` of a positive image is positive'),
            largestSize: z
              .number()
              .min(0)
              .lt(1)
              .default(0.25)
              .describe('Share of the cells, each counted by its probability, from which on `size` punishes.'),
            variation: termWeight('neighbouring cells are alike (total variation)'),
          })
          // Runs of versions that had none have none in their config.json.
          .prefault({})
          .describe(
            "Terms of the cells of the maps, added to the localizer's loss with these weights; in a multi-label set of each class's " +
              'cells by themselves.',
          ),
        map: z
          .enum(localizerMaps)
          .default('positive')
          .describe(
            "The map that evaluation and localization read. `positive`: the positive class's, as in the paper. `difference`: " +
              'that minus the mean of the others. `negative`: the mean of the others, negated. `layercam`: LayerCAM of the ' +
              "localizer's logits at the first pooling, or without one at the last layer with a stride: where in the image their evidence lies. With `+flips`, the mean over the " +
              'image and its mirror images, as `augmentation.flip` and `augmentation.flipVertical` mirror them; the probabilities ' +
              'are then those of the mean of the logits.',
          ),
      })
      // Runs of versions that had none have none in their config.json.
      .prefault({})
      .describe('Settings of the localizer that go beyond the paper. The defaults follow the paper.'),
    preprocessing: preprocessingSchema.describe('How an image becomes the input of the network.'),
    augmentation: augmentationSchema.describe(
      'Random changes to training images, each drawn uniformly within its bound.',
    ),
    balance: z
      .enum(['none', 'weight', 'sample', 'batch'])
      .describe(
        'How unequal class sizes are treated. `none`: not at all. `weight`: losses are weighted by inverse class frequency. ' +
          '`sample`: every epoch repeats images of the smaller classes until all classes are equally frequent. ' +
          '`batch`: every minibatch has equally many images of each class, or one more; each class goes through its images again and again, ' +
          'across epochs, and an epoch is as many full minibatches as there are images for.',
      ),
    epochs: count.describe('Passes over the training part.'),
    batch: count.describe('Images per minibatch.'),
    accumulate: count
      // Runs of versions that could not have none in their config.json.
      .default(1)
      .describe(
        'Number of parts in which each minibatch is computed, one after another, with their gradients added up: the same step in less memory, but that batch normalisation ' +
          'takes each part by itself. ' +
          'Must divide `batch`.',
      ),
    alpha: z
      .strictObject({
        kind: z
          .enum(['step', 'linear', 'cosine', 'constant'])
          .describe('`step`: start, then end from `at` on. `linear`, `cosine`: a ramp. `constant`: start throughout.'),
        start: fraction.describe('alpha of the first epoch.'),
        end: fraction.describe('alpha from `at` on.'),
        at: z.number().min(0).describe('Epoch, counted from 0, of the step or of the end of the ramp.'),
      })
      .describe(
        "The localizer's share of the loss over the epochs. Without a classifier it is 1, whatever is given here.",
      ),
    optimizer: z
      .strictObject({
        kind: z
          .enum(['sgd', 'adamw'])
          // Runs of versions that had only SGD have none in their config.json.
          .default('sgd')
          .describe('`sgd`: SGD with momentum, as in the paper. `adamw`: AdamW (Loshchilov and Hutter 2019).'),
        learningRate: z.number().positive().describe('Learning rate.'),
        schedule: z
          .discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('constant') }),
            z.strictObject({
              kind: z.literal('step'),
              at: z.array(z.number().min(0)).describe('Epochs, counted from 0.'),
              factor: z
                .number()
                .positive()
                .describe('Factor by which the learning rate is multiplied at each of these epochs.'),
            }),
            z.strictObject({ kind: z.literal('cosine') }),
          ])
          .describe(
            'The learning rate over the epochs: `constant`; `step` multiplies it by `factor` at each epoch of `at`; ' +
              '`cosine` falls to 0 at the end of the run.',
          ),
        warmup: z.number().min(0).describe('Number of epochs over which the learning rate rises linearly from 0.'),
        momentum: z
          .number()
          .min(0)
          .lt(1)
          .describe('Momentum of SGD; of AdamW the decay of the mean gradient (beta 1).'),
        squaresDecay: z
          .number()
          .min(0)
          .lt(1)
          .default(0.999)
          .describe('Of AdamW, the decay of the mean squared gradient (beta 2).'),
        weightDecay: z
          .number()
          .min(0)
          .describe(
            'L2 penalty on weights, of AdamW their decay in units of the learning rate; not on biases, scales and shifts.',
          ),
        clipNorm: z
          .number()
          .positive()
          .nullable()
          .describe('Largest Euclidean norm of the gradient of all parameters together; null: no limit.'),
        averageFrom: z
          .int()
          .min(0)
          .nullable()
          // Runs of versions that averaged nothing have none in their config.json.
          .default(null)
          .describe(
            'Epoch, counted from 0, from the end of which the weights at the ends of epochs are averaged; the model has the ' +
              'averages. null: the last weights, as in the paper. The checkpoint `best` is not averaged.',
          ),
        ema: z
          .number()
          .min(0)
          .lt(1)
          .nullable()
          .default(null)
          .describe(
            'Decay of an exponential moving average of the weights over steps, which validation and the model then use, at most steps / (steps + 10); ' +
              'null: none. Not together with `averageFrom`.',
          ),
      })
      .refine(({ averageFrom, ema }) => averageFrom === null || ema === null, {
        path: ['ema'],
        message: 'must be null where `averageFrom` is given: both say what the model has',
      })
      .describe('How the weights are moved.'),
    init: z
      .string()
      .min(1)
      .exactOptional()
      .describe(
        'Start from the weights of another model, of all layers whose names and shapes agree, instead of random ones: a run folder (its last ' +
          'checkpoint), a checkpoint file, or a `model.onnx`. Momentum starts at 0 all the same.',
      ),
    seed: z.int().min(0).max(0xffffffff).describe('Seed for everything random.'),
    threads: count.describe('Threads of the engine. Results are bit-identical for equal numbers of threads.'),
    device: z
      .enum(devices)
      // Runs of versions that knew no other have none in their config.json.
      .default('cpu')
      .describe(
        'Device to compute on. Only `cpu` gives the same bits every time. `auto` takes a device that works and is faster, and ' +
          'the run keeps it.',
      ),
  })
  .refine(({ batch, accumulate }) => batch % accumulate === 0, {
    path: ['accumulate'],
    message: 'must divide the minibatch (batch)',
  })
  .superRefine(({ augmentation, preprocessing: { width, height } }, context) => {
    if (!augmentation.quarterTurns || width === height) return;
    const message = `needs a square input, not ${width} x ${height} (preprocessing.width, preprocessing.height)`;
    context.addIssue({ code: 'custom', path: ['augmentation', 'quarterTurns'], message });
  })
  .refine(({ localizer, augmentation }) => !mapParts(localizer.map).flips || flipsOf(augmentation) !== undefined, {
    path: ['localizer', 'map'],
    message: `a map with +flips ${NO_FLIPS}`,
  });

export type RunConfig = z.infer<typeof runConfigSchema>;
