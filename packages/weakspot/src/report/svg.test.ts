import { describe, expect, it } from 'vitest';
import { element, escapeXml, label, wrapText } from './svg.js';

describe('svg text', () => {
  it('is escaped, without characters that XML forbids', () => {
    expect(escapeXml(`<a href="x">T&J's</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;T&amp;J&#39;s&lt;/a&gt;');
    expect(escapeXml('a\u0000b\u001fc\td\ud800e\uffff😀')).toBe('abc\tde😀');
  });

  it('is escaped in attributes and content, and numbers are rounded', () => {
    expect(element('rect', { x: 1 / 3, fill: '"red"' })).toBe('<rect x="0.33" fill="&quot;red&quot;"/>');
    expect(label(1, 2, 'p < .05')).toBe('<text x="1" y="2">p &lt; .05</text>');
  });

  it('breaks at spaces and keeps every word', () => {
    const text = 'One   long sentence about a film and an extraordinarily-long-compound.';
    const lines = wrapText(text, 100, 10);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join(' ')).toBe(text.replaceAll(/\s+/g, ' '));
    for (const line of lines) expect(line.includes(' ') ? line.length * 5.8 : 0).toBeLessThanOrEqual(100);
    expect(wrapText('  ', 100, 10)).toEqual([]);
  });
});
