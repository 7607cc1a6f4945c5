/** @typedef {{ line: number, text: string, yaml: ReadonlyMap<string, string> }} Command */

const isCommand = /^(?:[A-Z][A-Z_]*=\S+ )*(?:npx|npm|node|weakspot|git|pip|tensorboard|cd)\b/;

/**
 * The commands of a page in Markdown, in its order: the lines of code blocks, fenced without a language or indented, that begin
 * with a program's name, with continued lines joined and comments taken off. Lines that only show a syntax (`<data>`, `[options]`) are none.
 *
 * `yaml` has the files that the page has shown up to there: its YAML blocks whose first line is a comment with a file name.
 * @param {string} page @returns {Command[]}
 */
export function commandsOf(page) {
  const lines = page.split('\n');
  /** @type {Command[]} */
  const commands = [];
  const yaml = new Map();
  for (let i = 0; i < lines.length; i++) {
    const fence = /^\s*```(\w*)/.exec(lines[i] ?? '');
    if (fence !== null) {
      const end = lines.findIndex((line, at) => at > i && /^\s*```\s*$/.test(line));
      const block = lines.slice(i + 1, end);
      const file = /^# (\S+\.ya?ml)/.exec(block[0] ?? '')?.[1];
      if (fence[1] === 'yaml' && file !== undefined) yaml.set(file, block.join('\n'));
      if (['', 'sh', 'bash'].includes(fence[1] ?? '')) commands.push(...inBlock(block, i + 2, yaml));
      i = end;
    } else if (/^ {4}/.test(lines[i] ?? '')) {
      const end = lines.findIndex((line, at) => at > i && !/^ {4}/.test(line));
      commands.push(...inBlock(lines.slice(i, end === -1 ? undefined : end), i + 1, yaml));
      i = (end === -1 ? lines.length : end) - 1;
    }
  }
  return commands;
}

/** @param {string[]} block @param {number} first @param {Map<string, string>} yaml @returns {Command[]} */
function inBlock(block, first, yaml) {
  /** @type {Command[]} */
  const commands = [];
  for (let i = 0; i < block.length; i++) {
    const line = first + i;
    let text = (block[i] ?? '').trim();
    if (!isCommand.test(text) || /<|\[options\]/.test(text)) continue;
    while (text.endsWith('\\')) text = `${text.slice(0, -1).trim()} ${(block[++i] ?? '').trim()}`;
    commands.push({ line, text: text.replace(/\s+#.*$/, ''), yaml: new Map(yaml) });
  }
  return commands;
}
