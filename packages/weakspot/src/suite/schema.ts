import { z } from 'zod';
import { didYouMean } from '../data/suggest.js';
import { presetNames } from '../run/presets.js';
import { comparisonSectionSchema, testSchema } from '../compare/settings.js';

const seed = z.int().min(0).max(0xffffffff);
const { checkpoint, tolerance, resamples, level } = comparisonSectionSchema.shape;

/** A message for what is no object at all. */
const ofType =
  (message: string) =>
  ({ code }: { readonly code?: string }): string | undefined =>
    code === 'invalid_type' ? message : undefined;

/** Any keys of a run's configuration, which is checked when a set's runs are put together. */
const configSchema = z.looseObject({}, { error: ofType('must consist of keys of a configuration') });

const seedsSchema = z
  .array(seed)
  .min(1)
  .refine((seeds) => new Set(seeds).size === seeds.length, 'a seed is given twice');

/** How a set is divided: the keys of `data.split`, which checks them too; with `folds` every fold is tested. */
const splitSchema = z
  .looseObject({ folds: z.int().min(2).exactOptional(), file: z.string().min(1).exactOptional() })
  .refine((split) => !('fold' in split), {
    path: ['fold'],
    message: 'cannot be given: with "folds" all folds are tested, one after another',
  });

/** The films that are made for a set. */
export const phantomsSchema = z.strictObject({
  count: z.int().min(1).describe('Number of films.'),
  seed: seed.default(0).describe('Seed of the films.'),
  size: z.int().min(64).max(2048).default(256).describe('Side of a film, pixels.'),
  positives: z.number().min(0).max(1).default(0.5).describe('Share of films with a lesion.'),
  bits: z.literal([8, 16]).default(8).describe('Bits a pixel.'),
});

/** A set of a suite. The descriptions are also those of docs/reference/suite.md, which is made from this schema. */
export const suiteSetSchema = z
  .strictObject(
    {
      path: z
        .string()
        .min(1)
        .exactOptional()
        .describe('The data set to train on, as `weakspot train` takes it, relative to the suite file.'),
      phantoms: phantomsSchema
        .exactOptional()
        .describe(
          'Instead of `path`: synthetic films, made in the folder `data` of the suite, as `weakspot phantom` makes them.',
        ),
      format: z.string().exactOptional().describe('As `data.format` of a configuration.'),
      images: z.string().exactOptional().describe('As `data.images`.'),
      boxes: z.string().exactOptional().describe('As `data.boxes`.'),
      positive: z.string().exactOptional().describe('As `data.positive`.'),
      strict: z.boolean().exactOptional().describe('As `data.strict`.'),
      split: splitSchema
        .exactOptional()
        .describe(
          'How the set is divided, instead of `split` of the suite: the keys of `data.split`. With `folds` every fold is tested, with one seed.',
        ),
      tests: z
        .array(testSchema)
        .default([])
        .describe('Further sets that the models are tested on, as `compare.tests`; relative to the suite file.'),
      seeds: seedsSchema.exactOptional().describe('Instead of `seeds` of the suite.'),
      config: configSchema
        .exactOptional()
        .describe(
          'Keys of a configuration that hold for this set, whatever a setting says: such as fewer `epochs` for a large one, or no flips where ' +
            'sides matter.',
        ),
    },
    { error: ofType('must have the keys of a data set, such as "path"') },
  )
  .superRefine(({ path, phantoms }, context) => {
    if ((path === undefined) === (phantoms === undefined))
      context.addIssue({ code: 'custom', message: 'give either "path" or "phantoms"', path: [] });
  });

/** A setting to compare: keys of a configuration, and maybe a preset that they go over. */
const settingSchema = z
  .looseObject(
    {
      preset: z
        .enum(presetNames, {
          error: ({ input }) =>
            `there is no preset "${String(input)}"${didYouMean(String(input), presetNames)}; the presets are ${presetNames.join(', ')}`,
        })
        .exactOptional(),
    },
    { error: ofType('must consist of keys of a configuration, or of none where its name is a method') },
  )
  .nullable();

/** What sets and settings may be called: names of folders on any system, in the order of the file. */
export const NAME = /^[A-Za-z][\w+-]*(\.[\w+-]+)*$/;
/** Names of other things in a suite's folder. */
const RESERVED = ['data'];

function checkNames(names: readonly string[], key: string, context: z.core.$RefinementCtx): void {
  const wrong = (name: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key, name], message });
  if (names.length === 0) context.addIssue({ code: 'custom', path: [key], message: 'there is none' });
  for (const [i, name] of names.entries()) {
    const lower = name.toLowerCase();
    if (!NAME.test(name)) wrong(name, 'a name begins with a letter and has only letters, digits and + - _ .');
    else if (key === 'sets' && RESERVED.includes(lower))
      wrong(name, 'this name is taken by another folder of the suite');
    else if (names.slice(0, i).some((other) => other.toLowerCase() === lower))
      wrong(name, 'differs from another name in capitals only');
  }
}

/** A suite file. */
export const suiteSchema = z
  .strictObject({
    sets: z
      .record(z.string(), suiteSetSchema, { error: 'must be names, each with the keys of a data set' })
      .describe('The data sets, by name. Keys of each: below.'),
    settings: z
      .record(z.string(), settingSchema, { error: 'must be names, each with keys of a configuration' })
      .describe(
        'What is compared, by name: any keys of a configuration except `data`, `seed`, `threads` and `device`, and maybe a `preset`, which all ' +
          'others go over. A name that is a method is that method unless its keys say another. Differences are to the first.',
      ),
    config: configSchema
      .exactOptional()
      .describe('Keys of a configuration for all sets, which those of a setting go over; also `threads` and `device`.'),
    split: splitSchema.exactOptional().describe('How all sets are divided: the keys of `data.split`.'),
    seeds: seedsSchema
      .default([0, 1, 2])
      .describe('Every setting is trained with each on each set; in folds with the first of them.'),
    checkpoint,
    tolerance,
    resamples,
    level,
  })
  .superRefine(({ sets, settings }, context) => {
    checkNames(Object.keys(sets), 'sets', context);
    checkNames(Object.keys(settings), 'settings', context);
  });

export type SuiteFile = z.infer<typeof suiteSchema>;
export type SuiteSetFile = z.infer<typeof suiteSetSchema>;
