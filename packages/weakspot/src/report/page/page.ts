import { createHash } from 'node:crypto';
import type { PageTable, PageTest, PageTraining, ReportPage } from './content.js';
import { anchorOf, tag, text } from './html.js';
import {
  cellPart,
  chartPart,
  chartSvg,
  figuresPart,
  foldedTable,
  keyPart,
  legendPart,
  tablePart,
  tablesPart,
} from './parts.js';
import { stylesheet } from './style.js';

interface Section {
  /** In links; no two sections have the same. */
  readonly anchor: string;
  readonly title: string;
  readonly content: string;
}

/**
 * The report as one HTML file that needs nothing else: no script, no network, pictures as `data:` URIs. Its own content
 * security policy allows its one stylesheet, by hash, and such pictures.
 */
export function renderReport(page: ReportPage): string {
  const sections = sectionsOf(page);
  const links = sections.map(({ anchor, title }) => tag('li', {}, tag('a', { href: `#${anchor}` }, text(title))));
  const body = [
    tag('a', { class: 'skip', href: '#main' }, 'Skip to the results'),
    tag(
      'header',
      {},
      tag('h1', {}, text(page.title)),
      ...page.lead.map((sentence) => tag('p', { class: 'lead' }, text(sentence))),
      tag('nav', { 'aria-label': 'Contents' }, tag('ul', {}, ...links)),
    ),
    tag('main', { id: 'main' }, warningsPart(page.warnings), ...sections.map(sectionPart)),
    tag('footer', {}, tag('p', {}, text(page.made))),
  ];
  return `<!doctype html>\n${tag('html', { lang: 'en' }, headPart(page.title), tag('body', {}, ...body.map((part) => `\n${part}`)))}\n`;
}

function headPart(title: string): string {
  const hash = createHash('sha256').update(stylesheet).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return tag(
    'head',
    {},
    tag('meta', { charset: 'utf-8' }),
    tag('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    tag('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    tag('meta', { name: 'referrer', content: 'no-referrer' }),
    tag('title', {}, text(title)),
    tag('style', {}, stylesheet),
  );
}

function sectionPart({ anchor, title, content }: Section): string {
  return `\n${tag('section', { id: anchor, 'aria-labelledby': `${anchor}-heading` }, tag('h2', { id: `${anchor}-heading` }, text(title)), content)}`;
}

function warningsPart(warnings: readonly string[]): string {
  if (warnings.length === 0) return '';
  const items = warnings.map((warning) => tag('li', {}, text(warning)));
  return tag(
    'section',
    { class: 'warnings', 'aria-labelledby': 'warnings' },
    tag('h2', { id: 'warnings' }, 'Before you read the numbers'),
    tag('ul', {}, ...items),
  );
}

function sectionsOf(page: ReportPage): Section[] {
  const anchors = new Set<string>(['main', 'warnings']);
  const several = page.tests.length > 1;
  const named = (title: string, test: PageTest): string => (several ? `${title}: ${test.name}` : title);
  const sections: (Omit<Section, 'anchor'> | undefined)[] = [
    {
      title: 'Results',
      content: page.tests.map((test) => resultsOf(test, several)).join('') + page.tables.map(tablePart).join(''),
    },
    ...page.tests.map((test) => curvesSection(named('Curves', test), test, page.methods)),
    trainingSection(page),
    filtersSection(page),
    ...page.tests.map((test) => picturesSection(named('Test images', test), test)),
    ...page.tests.map((test) => errorsSection(named('The worst errors', test), test)),
    { title: 'Settings', content: page.settings.map(tablePart).join('') + tableGrid(page.sharedSettings) },
    { title: 'Data', content: page.data.map(tablePart).join('') },
    { title: 'Terms', content: termsPart(page.terms) },
  ];
  return sections
    .filter((section) => section !== undefined)
    .map((section) => ({ ...section, anchor: freshAnchor(section.title, anchors) }));
}

function freshAnchor(title: string, taken: Set<string>): string {
  const plain = anchorOf(title);
  let anchor = plain;
  for (let n = 2; taken.has(anchor); n++) anchor = `${plain}-${n}`;
  taken.add(anchor);
  return anchor;
}

function resultsOf(test: PageTest, several: boolean): string {
  const heading = several ? tag('h3', {}, text(test.name)) : '';
  return heading + tag('p', {}, text(test.text)) + tablesPart(test.results);
}

function curvesSection(
  title: string,
  { charts }: PageTest,
  methods: readonly string[],
): Omit<Section, 'anchor'> | undefined {
  if (charts.length === 0) return undefined;
  const legend = methods.length > 1 ? legendPart(methods.map((name, method) => ({ name, method }))) : '';
  return {
    title,
    content:
      legend +
      tag('div', { class: chartsClass(charts.length) }, ...charts.map((chart) => chartPart(chart, { height: 300 }))),
  };
}

/** Four are laid out two by two, others in threes. */
function chartsClass(count: number): string {
  return count === 4 ? 'charts of-4' : 'charts';
}

function trainingSection({ training, trainingText }: ReportPage): Omit<Section, 'anchor'> | undefined {
  if (training.length === 0) return undefined;
  const legend = legendPart([
    { name: 'localizer', dash: '' },
    ...(training.some(({ losses }) => losses.series.some(({ dash }) => dash === dashes.classifier))
      ? [{ name: 'classifier', dash: dashes.classifier }]
      : []),
    ...(training.some(({ losses }) => losses.series.some(({ dash }) => dash === dashes.validation))
      ? [{ name: 'localizer on the validation part', dash: dashes.validation }]
      : []),
  ]);
  const panels = training.map(trainingPart);
  return {
    title: 'Training',
    content: tag('p', {}, text(trainingText)) + legend + tag('div', { class: chartsClass(panels.length) }, ...panels),
  };
}

/** Dashes of the lines in a training chart, which are all in the method's colour. */
export const dashes = { localizer: '', classifier: '6 3', validation: '1.5 2.5' } as const;

function trainingPart({ method, losses, alpha, validation, table }: PageTraining): string {
  return tag(
    'div',
    { class: 'chart' },
    tag('h3', {}, text(method)),
    chartSvg(losses, { height: 230 }),
    validation === undefined ? '' : chartSvg(validation, { height: 120, yTicks: 2 }),
    chartSvg(alpha, { height: 110, yTicks: 2 }),
    foldedTable('Numbers', table),
  );
}

function filtersSection({ filters }: ReportPage): Omit<Section, 'anchor'> | undefined {
  if (filters === undefined) return undefined;
  const cells = tag('div', { class: 'filters' }, ...filters.cells.map(cellPart));
  return { title: 'First-layer filters', content: tag('p', {}, text(filters.text)) + cells + tablePart(filters.table) };
}

function picturesSection(title: string, { examples, scale, positive }: PageTest): Omit<Section, 'anchor'> | undefined {
  if (examples.length === 0) return undefined;
  const key = scale === undefined ? '' : keyPart(scale, positive);
  return { title, content: key + examples.map(figuresPart).join('') };
}

function errorsSection(title: string, { errors }: PageTest): Omit<Section, 'anchor'> | undefined {
  return errors.length === 0 ? undefined : { title, content: errors.map(figuresPart).join('') };
}

/** Small tables side by side. */
function tableGrid(tables: readonly PageTable[]): string {
  return tag('div', { class: 'tables' }, ...tables.map(tablePart));
}

function termsPart(terms: ReportPage['terms']): string {
  const items = terms.map(([term, meaning]) => tag('div', {}, tag('dt', {}, text(term)), tag('dd', {}, text(meaning))));
  return tag('dl', {}, ...items);
}
