import { readFile } from 'node:fs/promises';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';
import { type StoredTensor, decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { writeFileWhole } from './write.js';

const nullableNumber = z.number().nullable();

/** Where a run stands: enough, with the tensors and the configuration, to go on as if it had never stopped. */
export const progressSchema = z.strictObject({
  /** Epochs completed. */
  epoch: z.int().min(0),
  /** Steps completed in the epoch that follows. */
  step: z.int().min(0),
  /** Sums over those steps, weighted by images, in the order: loss, classifier loss, localizer loss, gradient norm. */
  sums: z.array(z.number()),
  /** Images trained in those steps. */
  images: z.int().min(0),
  /** The best validation so far. */
  best: z.strictObject({ epoch: z.int(), auc: nullableNumber, loss: z.number() }).nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

export interface Checkpoint {
  /** Learned values, and running statistics, by parameter name. */
  readonly parameters: ReadonlyMap<string, StoredTensor>;
  /** Momentum by parameter name: of AdamW the mean of the gradients. */
  readonly momentum: ReadonlyMap<string, StoredTensor>;
  /** Of AdamW the mean of the squared gradients, by parameter name; else empty. */
  readonly squares: ReadonlyMap<string, StoredTensor>;
  /** Means of the learned values over epochs, or their moving averages, by parameter name; empty where there are none (yet). */
  readonly average: ReadonlyMap<string, StoredTensor>;
  readonly progress: Progress;
}

/** What a checkpoint remembers of its parameters: `conv1.weight/momentum` in the file. */
const REMEMBERED = ['momentum', 'squares', 'average'] as const;

/** The weights of the model that a checkpoint makes: their means over epochs where it has them, else those learned last. */
export function weightsOf({ average, parameters }: Checkpoint): Checkpoint['parameters'] {
  return average.size > 0 ? average : parameters;
}

/**
 * Saves a checkpoint as one safetensors file: parameters under their names, what is remembered of them as `name/momentum`, `name/squares`,
 * `name/average`.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { parameters, progress } = checkpoint;
  const tensors = new Map(parameters);
  for (const kind of REMEMBERED) {
    for (const [name, tensor] of checkpoint[kind]) tensors.set(`${name}/${kind}`, tensor);
  }
  await writeFileWhole(path, encodeSafetensors({ tensors, metadata: { progress: JSON.stringify(progress) } }));
}

/** @throws WeakspotError `model` naming the file, if it is missing or damaged. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new WeakspotError('model', `There is no checkpoint ${path}: ${messageOf(error)}`, {
      hint: 'A run saves its first checkpoint after its first epoch; "best" needs a validation part.',
      cause: error,
    });
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const progress = parseProgress(metadata['progress'], path);
  const parameters = new Map<string, StoredTensor>();
  const remembered = { momentum: new Map(), squares: new Map(), average: new Map() } as const satisfies Record<
    (typeof REMEMBERED)[number],
    Map<string, StoredTensor>
  >;
  for (const [name, tensor] of tensors) {
    const kind = REMEMBERED.find((candidate) => name.endsWith(`/${candidate}`));
    if (kind === undefined) parameters.set(name, tensor);
    else remembered[kind].set(name.slice(0, -kind.length - 1), tensor);
  }
  return { parameters, ...remembered, progress };
}

function parseProgress(text: string | undefined, path: string): Progress {
  try {
    return progressSchema.parse(JSON.parse(text ?? 'null'));
  } catch (error) {
    throw new WeakspotError(
      'model',
      `${path} is not a Weakspot checkpoint: it does not say how far the run had come.`,
      {
        cause: error,
      },
    );
  }
}
