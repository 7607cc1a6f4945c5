import { WeakspotError } from '../errors.js';

/** Global pooling `Ploc` of an activation map to one logit. */
export type GlobalPooling = 'max' | 'average' | 'lse';

/** The six methods: three global poolings, each alone or with self-transfer learning (paper, section 3; LSE: its [11]). */
export const methodNames = ['MaxPool', 'AvePool', 'LSE', 'STL+MaxPool', 'STL+AvePool', 'STL+LSE'] as const;
export type MethodName = (typeof methodNames)[number];

export interface Method {
  readonly name: MethodName;
  readonly pooling: GlobalPooling;
  /** Whether a classifier is trained beside the localizer (STL); without it alpha is 1. */
  readonly classifier: boolean;
}

const poolings: Readonly<Record<string, GlobalPooling>> = { MaxPool: 'max', AvePool: 'average', LSE: 'lse' };

/**
 * A method by its name in the paper; case does not matter.
 * @throws WeakspotError `usage` naming the six.
 */
export function parseMethod(text: string): Method {
  const name = methodNames.find((candidate) => candidate.toLowerCase() === text.trim().toLowerCase());
  const pooling = name === undefined ? undefined : poolings[name.replace('STL+', '')];
  if (name === undefined || pooling === undefined) {
    throw new WeakspotError('usage', `Unknown method "${text}".`, {
      hint: `The methods are ${methodNames.join(', ')}.`,
    });
  }
  return { name, pooling, classifier: name.startsWith('STL+') };
}
