import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IssueList } from '../issues.js';
import type { XmlElement } from './xml-file.js';
import { parseXml } from './xml-file.js';

function parse(text: string): { document: XmlElement | undefined; issues: readonly string[] } {
  const issues = new IssueList();
  const document = parseXml(text, 'a.xml', issues);
  return { document, issues: issues.list().map(({ line, message }) => `${line ?? '-'}: ${message}`) };
}

describe('parseXml', () => {
  it('gives elements with their lines, attributes and text', () => {
    const { document, issues } = parse(
      '\uFEFF<?xml version="1.0"?>\n<a>\n<b x="1 &amp; 2"> t &lt; u </b>\n\n<b><c>3</c><c/></b></a>\n'.slice(1),
    );
    expect(issues).toEqual([]);
    const root = document?.first('a');
    const [first, second] = root?.all('b') ?? [];
    expect([root?.line, first?.line, second?.line]).toEqual([2, 3, 5]);
    expect([first?.text, first?.attribute('x'), first?.attribute('y')]).toEqual(['t < u', '1 & 2', undefined]);
    expect([second?.text, second?.textOf('c'), second?.all('c').length, second?.textOf('d')]).toEqual([
      '',
      '3',
      2,
      undefined,
    ]);
    expect(root?.all('toString')).toEqual([]);
  });

  it('reads the plain document type of a property list', () => {
    const plist = '<!DOCTYPE plist PUBLIC "-//Apple//DTD" "http://a/b.dtd">\n<plist><dict/></plist>';
    expect(parse(plist).document?.first('plist')?.all('dict')).toHaveLength(1);
  });

  it.each([
    ['<a>\n<b>\n</a>', /^3: not XML: Expected closing tag 'b'/],
    ['', /^1: not XML: Start tag expected/],
    ['P5 20 10', /^1: not XML: char 'P' is not expected/],
    ['<a></a>\n<b/>', /^2: not XML: Multiple possible root nodes/],
    [`${'<a>\n'.repeat(1000)}${'</a>'.repeat(1000)}`, /^-: not XML that can be read: Maximum nested tags exceeded/],
    [
      '\n<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]>\n<a>&d;</a>',
      /^2: it has a document type with declarations/,
    ],
    ['<!DOCTYPE a><!ENTITY b "c"><a/>', /^1: it has a document type with declarations/],
    ['<__proto__>1</__proto__>', /^-: not XML that can be read/],
    [`<a>${'x'.repeat(33 * 2 ** 20)}</a>`, /^-: larger than 33554432 characters/],
  ])('says what is wrong with document %#', (text, message) => {
    const { document, issues } = parse(text);
    expect(document).toBeUndefined();
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(message);
  });

  it('either reads or refuses any text', () => {
    const pieces = fc.constantFrom(
      '<a>',
      '</a>',
      '<b x="1">',
      '</b>',
      '<c/>',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '&lt;',
      '&#9;',
      'x',
      '<',
      '>',
      '"',
      '\n',
      '<?p',
      '?>',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const { document, issues } = parse(parts.join(''));
        expect(document === undefined).toBe(issues.length === 1);
      }),
    );
  });
});
