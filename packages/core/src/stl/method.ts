import { WeakspotError } from '../errors.js';

/** Global pooling `Ploc` of activation maps to logits; what each computes is in `poolings`. */
export type GlobalPooling = 'max' | 'average' | 'lse' | 'learnedLse' | 'topK' | 'pcam' | 'attention' | 'gatedAttention';

/** The six methods: three global poolings, each alone or with self-transfer learning (paper, section 3; LSE: its [11]). */
export const paperMethods = ['MaxPool', 'AvePool', 'LSE', 'STL+MaxPool', 'STL+AvePool', 'STL+LSE'] as const;

/** The paper's six methods first; then poolings beyond the paper, alone or with self-transfer learning. */
export const methodNames = [
  ...paperMethods,
  'LearnedLSE',
  'TopK',
  'PCAM',
  'Attention',
  'GatedAttention',
  'STL+LearnedLSE',
  'STL+TopK',
  'STL+PCAM',
  'STL+Attention',
  'STL+GatedAttention',
] as const;
export type MethodName = (typeof methodNames)[number];

export interface Method {
  readonly name: MethodName;
  readonly pooling: GlobalPooling;
  /** Whether a classifier is trained beside the localizer (STL); without it alpha is 1. */
  readonly classifier: boolean;
}

const poolingOf: Readonly<Record<string, GlobalPooling>> = {
  MaxPool: 'max',
  AvePool: 'average',
  LSE: 'lse',
  LearnedLSE: 'learnedLse',
  TopK: 'topK',
  PCAM: 'pcam',
  Attention: 'attention',
  GatedAttention: 'gatedAttention',
};

/**
 * A method by its name; case does not matter.
 * @throws WeakspotError `usage` naming them all.
 */
export function parseMethod(text: string): Method {
  const name = methodNames.find((candidate) => candidate.toLowerCase() === text.trim().toLowerCase());
  const pooling = name === undefined ? undefined : poolingOf[name.replace('STL+', '')];
  if (name === undefined || pooling === undefined) {
    throw new WeakspotError('usage', `Unknown method "${text}".`, {
      hint: `The methods are ${methodNames.join(', ')}.`,
    });
  }
  return { name, pooling, classifier: name.startsWith('STL+') };
}
