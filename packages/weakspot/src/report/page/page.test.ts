import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ReportPage } from './content.js';
import { renderReport } from './page.js';

const image = { type: 'image/png', bytes: Uint8Array.from([1, 2, 3]), width: 4, height: 3, alt: '"<Film>"' } as const;
const figures = [
  { title: 'T', text: '', figures: [{ title: 'a&b.png', cells: [{ image, caption: 'Film', notes: ['<i>'] }] }] },
];

function page(names: readonly string[]): ReportPage {
  return {
    title: '<script>alert(1)</script> & more',
    lead: ['One <b>sentence</b>.'],
    warnings: ['Beware of </style>.'],
    methods: ['A', 'B'],
    tests: names.map((name) => ({
      name,
      text: 'Text.',
      results: [
        { caption: 'Table', columns: [{ name: 'Method' }, { name: 'ACC', numeric: true }], rows: [['A', '.5']] },
        { caption: 'Folded', columns: [{ name: 'Key' }, { name: 'Value' }], rows: [['k', 'v']], folded: true },
      ],
      charts: [
        { title: 'ROC', alt: 'A curve.', xLabel: 'x', yLabel: 'y', series: [{ method: 1, points: [{ x: 0, y: 1 }] }] },
      ],
      examples: figures,
      errors: [],
      positive: 'lesion',
      scale: image,
    })),
    tables: [],
    training: [],
    trainingText: '',
    filters: undefined,
    settings: [],
    sharedSettings: [],
    data: [],
    terms: [['ACC', 'Share.']],
    made: 'Made by hand.',
  };
}

describe('renderReport', () => {
  it('allows its own stylesheet by hash and nothing else but pictures inside it', () => {
    const html = renderReport(page(['films']));
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(
      `content="default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    // Styles on elements would need more than that.
    expect(html).not.toMatch(/\sstyle="/);
    expect(html).not.toMatch(/<script|<link|https?:/i);
    expect(html.match(/src="(?!data:)/g)).toBeNull();
  });

  it('escapes every text', () => {
    const html = renderReport(page(['films <i>']));
    expect(html).toContain('<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</title>');
    expect(html).toContain('Beware of &lt;/style&gt;.');
    expect(html).toContain('alt="&quot;&lt;Film&gt;&quot;"');
    expect(html).toContain('a&amp;b.png');
    expect(html).not.toMatch(/<(i|b)>(?!Film)/);
  });

  it('names tables, their headers’ directions and its pictures’ sizes, and folds what is to be', () => {
    const html = renderReport(page(['films']));
    expect(html).toContain('<caption><span>Table</span></caption>');
    expect(html).toContain('<tr><th scope="row">A</th><td class="number">.5</td></tr>');
    expect(html).toContain('<th scope="col" class="number">ACC</th>');
    expect(html).toMatch(/<details class="named"><summary>Folded<\/summary>.*<table class="pairs">/);
    expect(html).toContain('<img src="data:image/png;base64,AQID" width="4" height="3"');
    expect(html).toMatch(/<svg viewBox="0 0 380 300" role="img" aria-label="A curve.">/);
  });

  it('gives sections whose titles look alike anchors of their own', () => {
    const html = renderReport(page(['set a', 'set-a']));
    const anchors = [...html.matchAll(/<section id="([^"]+)"/g)].map(([, anchor]) => anchor);
    expect(new Set(anchors).size).toBe(anchors.length);
    expect(anchors).toContain('curves-set-a-2');
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
    expect(links.slice(1)).toEqual(anchors);
  });

  it('leaves out sections without content', () => {
    const html = renderReport({ ...page([]), warnings: [] });
    const titles = [...html.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual(['Results', 'Settings', 'Data', 'Terms']);
  });
});
