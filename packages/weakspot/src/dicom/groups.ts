import type { Attributes } from './dataset.js';
import type { Keyword } from './dictionary.js';

/**
 * Where attributes of a frame may stand, the particular places first: the frame's functional groups, those shared by all
 * frames (PS3.3 C.7.6.16), and the data set itself.
 *
 * @param macro The sequence that holds them in a functional group.
 * @param index Of the frame, from 0.
 */
export function placesOf(dataSet: Attributes, macro: Keyword, index: number): readonly Attributes[] {
  const frame = dataSet.items('PerFrameFunctionalGroupsSequence')[index];
  const shared = dataSet.items('SharedFunctionalGroupsSequence')[0];
  return [...(frame?.items(macro) ?? []), ...(shared?.items(macro) ?? []), dataSet];
}
