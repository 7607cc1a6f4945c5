import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IssueList } from '../issues.js';
import { temporaryFolder } from '../testing/files.js';
import { issueTexts, setWriter } from '../testing/sets.js';
import { readPlist } from './plist.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

async function read(content: string): Promise<{ root: Awaited<ReturnType<typeof readPlist>>; issues: string[] }> {
  const issues = new IssueList();
  const root = write({ 'a.xml': content });
  const found = await readPlist(join(root, 'a.xml'), issues);
  return { root: found, issues: issueTexts({ issues: issues.list() } as never, root) };
}

describe('readPlist', () => {
  it('joins keys with the values after them, of whatever type, in their order', async () => {
    const { root, issues } = await read(`<plist version="1.0">
<dict>
  <key>count</key><integer>2</integer>
  <key>name</key><string> a &amp; b </string>
  <key>flag</key><true/>
  <key>none</key><string></string>
  <key>list</key>
  <array>
    <string>x</string><integer>1</integer><string>y</string>
    <dict><key>k</key><real>0.5</real></dict>
  </array>
</dict>
</plist>`);
    expect(issues).toEqual([]);
    expect(['count', 'name', 'flag', 'none', 'list', 'absent'].map((key) => root?.text(key))).toEqual([
      '2',
      'a & b',
      'true',
      '',
      undefined,
      undefined,
    ]);
    expect(root?.list('list').slice(0, 3)).toEqual(['x', '1', 'y']);
    const [inner] = root?.dictionaries('list') ?? [];
    expect([inner?.line, inner?.text('k'), root?.list('name')]).toEqual([10, '0.5', []]);
  });

  it('refuses what is no property list, or declares entities', async () => {
    expect((await read('<plist><string>x</string></plist>')).issues).toEqual([
      'a.xml:1: not a property list of a dictionary',
    ]);
    expect((await read('<dict></dict>')).issues).toEqual(['a.xml:1: not a property list of a dictionary']);
    expect((await read('<!DOCTYPE a [<!ENTITY b "c">]>\n<plist><dict/></plist>')).issues[0]).toContain(
      'a document type',
    );
  });
});
