import { existsSync } from 'node:fs';

const software = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Commands that are not run here, and why. @type {readonly (readonly [RegExp, string])[]} */
const rules = [
  [/^git clone |^cd /, 'the checkout is there'],
  [/^npm (ci|test)\b|^npm run (demo|lint|format|typecheck|docs|install|bench)/, '.ci/run runs it, or it takes long'],
  [/^npm install /, '"npm run install:check" installs the packages'],
  [/^(pip|tensorboard) /, 'TensorBoard is not part of the project'],
  [/onnxruntime-node\/script\/install/, 'it fetches from outside the npm registry'],
  [/scripts\/reference\/|\bpeer-/, 'it needs PyTorch'],
  [/--data FOLDER|weakspot train nih10k/, 'the sets are not part of the project'],
  ...(existsSync(software)
    ? []
    : /** @type {const} */ ([[/--device webgpu|VK_ICD_FILENAMES/, 'there is no GPU, and no SwiftShader']])),
];

/** Why a command is not run; undefined where it is. @param {string} command */
export function elsewhere(command) {
  return rules.find(([pattern]) => pattern.test(command))?.[1];
}

/**
 * A command of a page of results, whose trainings took hours, as it is run here: one epoch, and of a comparison one seed.
 * @param {string} page @param {string} command
 */
export function shortened(page, command) {
  if (!page.startsWith('docs/results/')) return command;
  if (/\bweakspot compare\b/.test(command)) return `${command} --epochs 1 --seeds 0`;
  return /\bweakspot train\b/.test(command) ? `${command} --epochs 1` : command;
}

/** What a page's commands are given beside the environment: a GPU in software, where the machine has one. */
export const environment = existsSync(software) ? { VK_ICD_FILENAMES: software } : {};
