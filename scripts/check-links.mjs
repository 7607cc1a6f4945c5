// Every relative link of the Markdown pages leads to a file that is there, and to a heading of it where the link names one.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const folders = ['', 'docs', 'examples', 'bench', 'packages/core', 'packages/weakspot'];
const pages = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder === 'docs', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, folder, name)),
);
const problems = pages.flatMap(problemsOf);
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages, ${problems.length} broken links`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** @param {string} page */
function problemsOf(page) {
  return withoutCode(readFileSync(page, 'utf8')).flatMap((line, index) =>
    [...line.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : resolve(dirname(page), path);
      const missing =
        !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor));
      return missing ? [`${relative(root, page)}:${index + 1}: nothing is at ${target}`] : [];
    }),
  );
}

/** The page's lines, those of fenced code empty. @param {string} text */
function withoutCode(text) {
  let fenced = false;
  return text.split('\n').map((line) => {
    const fence = /^\s*```/.test(line);
    if (fence) fenced = !fenced;
    return fence || fenced ? '' : line.replace(/`[^`]*`/g, '');
  });
}

/** The names under which a page's headings are linked to, as GitHub makes them. @param {string} page */
function anchorsOf(page) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return new Set(
    readFileSync(page, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .split('\n')
      .filter((line) => /^#+ /.test(line))
      .map((line) => {
        const text = line.replace(/^#+ /, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
        const name = text
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s_-]/gu, '')
          .trim()
          .replace(/\s/g, '-');
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        return count === 0 ? name : `${name}-${count}`;
      }),
  );
}
