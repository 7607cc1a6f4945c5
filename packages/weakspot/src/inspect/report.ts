import type { DataIssue } from '@weakspot/core';
import type { PassedOver } from '../data/passed-over.js';
import type { PartialConfig } from '../run/config.js';
import type { BackgroundCheck } from './background.js';
import type { CellView } from './cell-view.js';
import type { Counts } from './counts.js';
import type { Duplicates } from './duplicates.js';
import type { SetFingerprint } from './fingerprint.js';
import type { ImageMeasures } from './measure.js';
import type { ShortcutCheck } from './shortcuts.js';

/** What was found of a data set; the content of inspect.json. */
export interface DataInspection {
  /** Version that made it. */
  readonly weakspot: string;
  /** As it was given, absolute. */
  readonly path: string;
  /** Whether nothing is in the way of training: no issue is an error. */
  readonly ok: boolean;
  /** Errors first. */
  readonly issues: readonly DataIssue[];
  /** Undefined where the set could not be read: the issues say why. */
  readonly set?: SetInspection;
}

/** What was found of a set that could be read. */
export interface SetInspection {
  readonly name: string;
  readonly format: string;
  /** Other formats that it could be read as. */
  readonly otherFormats: readonly string[];
  readonly classes: readonly string[];
  readonly positive: string;
  /** Images may have several of the classes, each told by itself. */
  readonly multiLabel?: true;
  /** What of its folders was not taken for images, by kind. */
  readonly passedOver: readonly PassedOver[];
  readonly counts: Counts;
  /** Undefined where no image could be decoded, as all that follows. */
  readonly fingerprint?: SetFingerprint;
  readonly duplicates: readonly Duplicates[];
  /** For two classes one, of the positive class; for more, or in a multi-label set, one for each class that has enough images. */
  readonly shortcuts: readonly ShortcutCheck[];
  /** What normalising gives away of the label; absent without the regions of enough images. */
  readonly background?: BackgroundCheck;
  /** What a cell of the proposed network sees; absent where none is proposed. */
  readonly cells?: CellView;
  /** Settings that are proposed, for `weakspot train --config`; config.yaml says why. */
  readonly config?: PartialConfig;
  /** Every image that could be decoded. */
  readonly images: readonly ({ readonly name: string } & ImageMeasures)[];
}
