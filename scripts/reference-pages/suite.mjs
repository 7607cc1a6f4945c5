// @ts-check
import { z } from 'zod';
import { phantomsSchema, suiteSchema, suiteSetSchema } from '../../packages/weakspot/dist/suite/schema.js';
import { keyTable } from './keys.mjs';
import { generatedNotice } from './markdown.mjs';

/** docs/reference/suite.md */
export function suitePage() {
  return `${generatedNotice}

# Suite file

\`weakspot compare --suite FILE\` trains and tests settings on several data sets ([how to](../how-to/compare-on-several-sets.md)). The file is
YAML. Its paths are relative to it, or to the folder that \`--data\` gives. Unknown keys are errors, with file and line.

What a run is trained with is put together from keys of a [configuration](configuration.md), a later one replacing an earlier one: the
setting's \`preset\`, \`config\` of the suite, the keys of the setting, \`config\` of the set, options of the command line such as \`--epochs\`. What none
of them gives is [chosen to suit the set](../how-to/train.md#what-is-chosen-for-you).

${keyTable('', schemaOf(suiteSchema))}

## sets.NAME

A name begins with a letter and consists of letters, digits and \`+ - _ .\`; \`data\` is not allowed. So it is for settings.

${keyTable('sets.NAME.', schemaOf(suiteSetSchema))}

## sets.NAME.phantoms

${keyTable('sets.NAME.phantoms.', schemaOf(phantomsSchema))}

## An example

\`\`\`yaml
sets:
  films:
    path: films
  clinic:
    path: clinic-a
    split: { train: 1, validation: 0, test: 0 }
    tests: [clinic-b]
    config: { epochs: 10 }
  phantoms:
    phantoms: { count: 480, seed: 1 }
settings:
  small: { preset: small }
  AvePool: {}
  slow: { method: AvePool, optimizer: { learningRate: 0.001 } }
split: { train: 0.75, validation: 0, test: 0.25, seed: 1 }
seeds: [0, 1, 2]
\`\`\`

## suite.json

| Key | Meaning |
| --- | --- |
| \`format\` | Version of this format: 1. |
| \`settings\` | Names of the settings; differences are to the first. |
| \`sets\` | Each set with its \`folder\`, its \`state\` (\`waiting\`, \`done\`, \`failed\`) and what went wrong (\`error\`). |
| \`tests\` | Each test set of the sets that are done, with its counts, its \`warnings\` and a row for each setting. |
| \`tests.rows\` | \`auc\`, \`boxes\` (box AP at an IoU of .3; accuracies by IoBB), \`inRegion\` and \`atTolerance\`: hit rate, gain, what hit rates are compared with, and which points hit at least as often (\`beatenBy\`). |
| \`overall\` | Means over the test sets for each setting, \`inRegion\` and \`atTolerance\`: with intervals, the worst run, the test sets on which a point hits at least as often (\`beaten\`), and paired differences to the first setting. |
`;
}

/** @param {import('zod').ZodType} schema */
function schemaOf(schema) {
  return /** @type {import('./keys.mjs').Schema} */ (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}
