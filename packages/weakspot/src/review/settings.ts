import type { PageTable } from '../report/page/content.js';
import { describeDevices } from '../run/folder.js';
import { groupBy } from './group-by.js';
import type { ReportedRun, ReportSources } from './sources.js';

/**
 * The settings as tables: those in which the runs differ, a row for each run, and those that all share, a small table for
 * each section. Keys are the configuration's, as docs/reference/configuration.md has them.
 */
export function settingsTables({ runs, methods }: ReportSources): {
  settings: PageTable[];
  sharedSettings: PageTable[];
} {
  // What a run was computed on belongs beside what it was asked to compute on.
  const flat = runs.map(({ config, run }) => {
    const used = describeDevices(run);
    return new Map([...flatten(config), ...(used === undefined ? [] : [['computed on', used] as const])]);
  });
  const keys = [...new Set(flat.flatMap((settings) => [...settings.keys()]))];
  const valueOf = (settings: ReadonlyMap<string, string> | undefined, key: string): string => settings?.get(key) ?? '-';
  const isShared = (key: string): boolean => new Set(flat.map((settings) => valueOf(settings, key))).size === 1;
  const different = keys.filter((key) => !isShared(key) && key !== 'method');
  const table: PageTable = {
    caption: 'The runs, and the settings in which they differ',
    columns: [{ name: 'Folder' }, { name: 'Method' }, ...different.map((name) => ({ name }))],
    rows: runs.map((run, i) => [
      shortPath(run),
      methods[run.method] ?? '',
      ...different.map((key) => valueOf(flat[i], key)),
    ]),
  };
  const sections = groupBy(keys.filter(isShared), (key) =>
    key.includes('.') ? key.slice(0, key.indexOf('.')) : 'training',
  );
  const sharedSettings = [...sections].map(([section, members]): PageTable => {
    const inner = (key: string): string => (key.startsWith(`${section}.`) ? key.slice(section.length + 1) : key);
    return {
      caption: section,
      columns: [{ name: 'Setting' }, { name: 'Value' }],
      rows: members.map((key) => [inner(key), valueOf(flat[0], key)]),
    };
  });
  return { settings: runs.length > 1 ? [table] : [], sharedSettings };
}

/** The last two parts of the folder's path: enough to tell runs apart, and nothing of the machine. */
function shortPath({ folder }: ReportedRun): string {
  return folder.path.split(/[/\\]/).slice(-2).join('/');
}

/** `a.b.c` to the value as text; lists of plain values are one setting. Paths of data keep their last part only. */
function flatten(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return new Map([[path, /^(?:init|data\.(?:path|images|boxes|split\.file))$/.test(path) ? lastPart(text) : text]]);
  }
  const entries = Object.entries(value).flatMap(([key, inner]) => [
    ...flatten(inner, path === '' ? key : `${path}.${key}`),
  ]);
  return new Map(entries);
}

function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
}
