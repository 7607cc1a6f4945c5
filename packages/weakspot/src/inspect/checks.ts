import type { Dataset, Split } from '../data/dataset.js';
import type { IssueList } from '../data/issues.js';
import type { BackgroundCheck } from './background.js';
import type { Counts } from './counts.js';
import type { ShortcutCheck } from './shortcuts.js';
import { SHORTCUT_AUC } from './shortcuts.js';

/** Of fewer images nothing can be learned. */
const FEWEST_TO_TRAIN_ON = 8;

const partNames: Readonly<Record<Split, string>> = { train: 'training', validation: 'validation', test: 'test' };

/** Reports what of the counts would make training fail, or its numbers worthless. */
export function reportCounts({ classes, all, regions, images }: Counts, dataset: Dataset, issues: IssueList): void {
  const place = { file: dataset.root };
  const training = all.parts.train;
  if (training < FEWEST_TO_TRAIN_ON) {
    const most = `the training part has ${training} of the ${images} images`;
    issues.error(`${most}: nothing can be learned from fewer than ${FEWEST_TO_TRAIN_ON}`, place);
  }
  for (const part of ['train', 'validation', 'test'] as const) {
    if (all.parts[part] === 0) continue;
    for (const { name } of classes.filter(({ parts }) => parts[part] === 0)) {
      const message = `the ${partNames[part]} part has no image of class "${name}"`;
      if (part === 'train') issues.error(message, place);
      else issues.warning('classes missing from a part', message, place);
    }
  }
  if (all.parts.test === 0) issues.warning('empty parts', 'the test part is empty: nothing can be measured', place);
  if (regions.count === 0) {
    issues.warning('missing ground truth', 'there is no ground truth: localization cannot be measured', place);
  }
}

/** Reports ways of normalising that give the label away. */
export function reportBackground(check: BackgroundCheck | undefined, dataset: Dataset, issues: IssueList): void {
  const leaking = check?.normalizations.filter(({ leaks }) => leaks) ?? [];
  if (leaking.length === 0 || check === undefined) return;
  const listed = leaking.map(({ normalization, auc, without }) => {
    return `${normalization} ${auc.toFixed(2)} (without the regions ${(without?.auc ?? auc).toFixed(2)})`;
  });
  issues.warning(
    'leaks of normalization',
    `normalising gives "${check.className}" away in the background: a lesion changes the numbers that its image is normalised by, and a ` +
      `network may learn that instead of the lesion: AUC of background alone ${listed.join(', ')}; ` +
      'preprocessing.normalization: { kind: set } does not do so',
    { file: dataset.root },
  );
}

/** Reports the shortcuts that warn, in one warning for each class. */
export function reportShortcuts(checks: readonly ShortcutCheck[], dataset: Dataset, issues: IssueList): void {
  for (const { className, together, alone } of checks) {
    const found = [together, ...alone].filter(({ warns }) => warns);
    if (found.length === 0) continue;
    const listed = found.slice(0, 4).map(({ name, auc }) => `${name} ${auc.toFixed(2)}`);
    issues.warning(
      'shortcuts',
      `"${className}" can be predicted without looking at what the images show: AUC ${listed.join(', ')} ` +
        `(above ${SHORTCUT_AUC} is a shortcut); a network may learn the images' source instead of the lesion`,
      { file: dataset.root },
    );
  }
}
