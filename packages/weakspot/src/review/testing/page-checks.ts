/**
 * Checks of a page that run inside a browser, as source text: this project's TypeScript knows no DOM. Each is an expression
 * whose value is JSON.
 */

/** Levels of the headings in the order of the page. */
export const headingLevels = `[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => Number(h.tagName[1]))`;

/** Pictures without alternative text, drawings that are neither named nor hidden, tables and headers without their marks. */
export const unnamed = `[
  ...[...document.querySelectorAll('img')].filter((img) => !img.alt.trim() || !img.complete || img.naturalWidth === 0),
  ...[...document.querySelectorAll('svg')].filter((svg) => !svg.parentElement.closest('svg') &&
    svg.getAttribute('aria-hidden') !== 'true' && !(svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label'))),
  ...[...document.querySelectorAll('table')].filter((table) => !table.caption?.textContent.trim()),
  ...[...document.querySelectorAll('th')].filter((th) => !['row', 'col'].includes(th.scope)),
].map((element) => element.outerHTML.slice(0, 100))`;

/** Links inside the page that lead nowhere, and identifiers that stand there twice. */
export const brokenLinks = `[
  ...[...document.querySelectorAll('a')].map((a) => a.getAttribute('href')).filter((href) => !document.getElementById(href.slice(1))),
  ...[...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, i, all) => all.indexOf(id) !== i),
]`;

/** How far the page reaches beyond the window, pixels. */
export const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;

/** Elements with text whose contrast with what is behind it is below 4.5 (WCAG 2.2, 1.4.3). */
export const lowContrast = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own) continue;
    const style = getComputedStyle(element);
    const text = channels(element.closest('svg') ? style.fill : style.color);
    const [a, b] = [luminance(text), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (!(contrast >= 4.5)) found.push(element.textContent.trim().slice(0, 40) + ': ' + contrast.toFixed(2));
  }
  return found;
})()`;

/** Lines of charts whose contrast with the page is below 3 (WCAG 2.2, 1.4.11). */
export const faintCurves = `(() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll('polyline')].map((line) => {
    const stroke = luminance(getComputedStyle(line).stroke);
    return (Math.max(stroke, paper) + 0.05) / (Math.min(stroke, paper) + 0.05);
  }).filter((contrast) => !(contrast >= 3));
})()`;

/** The cells of every table, by its caption. */
export const tables = `Object.fromEntries([...document.querySelectorAll('table')].map((table) => [
  table.caption.textContent,
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
]))`;

/** What has the focus: its text or label, and whether it can be seen. */
export const focused = `(() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  return { name: element.getAttribute('aria-label') ?? element.textContent, visible: box.left >= 0 && box.top >= 0 && box.width > 0 };
})()`;
