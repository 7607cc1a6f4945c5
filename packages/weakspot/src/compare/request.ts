import type { ComparisonSettings } from './settings.js';

/** A comparison to begin, or to go on with: its folder knows which. */
export interface CompareRequest {
  /** The comparison's folder. */
  readonly out: string;
  /** Folder of the cache of prepared images; undefined: none. */
  readonly cache: string | undefined;
  /** Bytes that the cache may hold; 20 GiB unless given. */
  readonly cacheLimit?: number;
  readonly settings: ComparisonSettings;
  /** Start anew in a folder that holds a comparison, whose runs are removed. */
  readonly force: boolean;
  /** Go on though the data are others than the runs were trained on. */
  readonly acceptChanges?: boolean;
  /** Write TensorBoard event files into the folders of the runs. */
  readonly tensorboard?: boolean;
}
