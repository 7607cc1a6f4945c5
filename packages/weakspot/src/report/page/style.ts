/** How many methods have a colour of their own; further ones begin again. */
export const METHOD_COLOURS = 6;

/** Dashes of the methods' curves: a second sign beside colour, for print and for readers who see few colours. */
const dashes = ['', '7 3', '2 2.5', '9 3 2 3', '5 2', '1 3'] as const;

export function dashOf(method: number): string {
  return dashes[method % dashes.length] as string;
}

/** The colour that the stylesheet gives to a method. */
export function colourOf(method: number | undefined): string {
  return method === undefined ? 'var(--muted)' : `var(--method-${method % METHOD_COLOURS})`;
}

/**
 * The report's stylesheet: light and dark by the reader's setting, and print. Text has a contrast of 4.5 and lines of 3
 * at least on their background (WCAG 2.2, 1.4.3 and 1.4.11). The methods' colours are Okabe & Ito's (2008), made darker on
 * white and lighter on black as that asks.
 */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f8; --ink: #1b1e22; --muted: #565e68; --line: #d9dde2; --faint: #e7eaed;
  --link: #0b5a94; --warn: #8a4b00; --warn-panel: #fdf4e3;
  --method-0: #0063a6; --method-1: #c44f00; --method-2: #007a5a; --method-3: #a34d86; --method-4: #5b5b5b; --method-5: #1b7fb0;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --panel: #1c2024; --ink: #e6e9ec; --muted: #a2abb5; --line: #343a41; --faint: #2a2f35;
    --link: #7cc0f2; --warn: #f0bd6a; --warn-panel: #2b2415;
    --method-0: #5cb3f0; --method-1: #f58f4a; --method-2: #35c99b; --method-3: #e59ac6; --method-4: #b9bfc6; --method-5: #e6cf4a;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; max-width: 76rem; padding: 2.5rem 1.5rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Helvetica, Arial, sans-serif;
}
h1, h2, h3, h4 { line-height: 1.25; font-weight: 650; text-wrap: balance; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 2rem; letter-spacing: -.015em; }
h2 { margin: 3.5rem 0 1rem; padding-top: 1.25rem; border-top: 1px solid var(--line); font-size: 1.4rem; letter-spacing: -.01em; }
h3 { margin: 2rem 0 .5rem; font-size: 1.08rem; }
h4 { margin: 0 0 .4rem; font-size: .875rem; font-weight: 600; }
p, dl { max-width: 44rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; top: .5rem; padding: .4rem .8rem; background: var(--paper); }
.skip:focus { left: 1rem; }
.lead { font-size: 1.06rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; margin: 1.5rem 0 0; padding: 0; list-style: none; font-size: .92rem; }
.warnings { max-width: 44rem; margin: 1.5rem 0; padding: .9rem 1.1rem; border-left: 3px solid var(--warn); background: var(--warn-panel); }
.warnings h2 { margin: 0 0 .3rem; padding: 0; border: 0; font-size: 1rem; letter-spacing: 0; color: var(--warn); }
.warnings ul { margin: 0; padding-left: 1.1rem; }
.warnings li + li { margin-top: .35rem; }
.scroll { position: relative; max-width: 100%; margin: 1rem 0 1.5rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; line-height: 1.4; }
caption { padding: 0 0 .45rem; text-align: left; font-weight: 600; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(100%, calc(100vw - 2rem)); overflow-wrap: anywhere; }
th, td { padding: .34rem 1.1rem .34rem 0; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
th { font-weight: 500; }
thead th, thead .number { white-space: normal; }
thead th { border-bottom-color: var(--line); color: var(--muted); font-size: .8rem; vertical-align: bottom; }
tbody th { position: sticky; left: 0; background: var(--paper); white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
table.pairs th { position: static; white-space: normal; overflow-wrap: anywhere; font-weight: 400; color: var(--muted); }
table.pairs td { overflow-wrap: anywhere; }
table.pairs thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.tables { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 1.5rem 2.5rem; align-items: start; }
.tables .scroll { margin: 0; }
.tables table { width: 100%; }
.tables td { text-align: right; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 2rem 2.5rem; margin: 1.25rem 0; }
@media (min-width: 60rem) { .charts.of-4 { grid-template-columns: repeat(2, minmax(0, 30rem)); gap: 2.5rem 4rem; } }
.chart { margin: 0; min-width: 0; }
.chart svg, .chart-alpha svg { display: block; width: 100%; height: auto; font-family: inherit; font-variant-numeric: tabular-nums; }
.chart h3, .chart h4 { margin: 0 0 .35rem; font-size: .95rem; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; margin: 1rem 0; padding: 0; list-style: none; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .5rem; }
.legend svg { flex: none; width: 34px; height: 8px; }
details { margin: .5rem 0 0; font-size: .9rem; }
summary { width: fit-content; color: var(--muted); cursor: pointer; }
summary:hover { color: var(--ink); }
details .scroll { margin: .5rem 0 0; }
@media screen { .named caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
.figures { display: grid; gap: 1.75rem 2rem; margin: 1rem 0 1.5rem; grid-template-columns: minmax(0, 1fr); }
.figures.of-1 { grid-template-columns: repeat(auto-fill, minmax(min(46%, 11rem), 1fr)); }
.figures.of-2 { grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
.figures.of-3 { grid-template-columns: repeat(auto-fill, minmax(min(100%, 32rem), 1fr)); }
.figure { margin: 0; min-width: 0; break-inside: avoid; }
.cells { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(30%, 8.5rem), 1fr)); }
.of-1 .cells { grid-template-columns: minmax(0, 1fr); }
.of-2 .cells { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.of-3 .cells { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.cell { margin: 0; min-width: 0; }
.cell img { display: block; width: 100%; height: auto; background: #000; }
.cell figcaption { margin-top: .35rem; font-size: .82rem; line-height: 1.4; overflow-wrap: anywhere; }
.cell b { font-weight: 600; }
.cell span { display: block; color: var(--muted); }
.filters { display: grid; gap: 1.5rem 2.5rem; margin: 1.25rem 0; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.filters img { max-width: 24rem; image-rendering: pixelated; background: none; }
.key { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin: 0 0 1rem; padding: 0; list-style: none; font-size: .88rem; }
.key li { display: flex; align-items: center; gap: .5rem; }
.key img { display: block; width: 8rem; height: .7rem; }
.key svg { flex: none; width: 18px; height: 18px; }
dl { max-width: none; columns: 26rem; column-gap: 2.5rem; }
dl div { break-inside: avoid; padding-bottom: .75rem; }
dt { font-weight: 600; }
dd { margin: 0; font-size: .95rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .85rem; }
footer p { margin: 0; }
@media (max-width: 40rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  h2 { margin-top: 2.5rem; }
  table { font-size: .8rem; }
  thead th { font-size: .75rem; }
  th, td { padding-right: .45rem; }
  .figures, .figures.of-1 { gap: 1.25rem 1rem; }
  .cells { gap: .5rem; }
  .cell figcaption { font-size: .76rem; }
}
@media print {
  @page { margin: 15mm 14mm; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  nav, .skip, summary { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  h2, h3, h4, caption { break-after: avoid; }
  .chart, .figure, .cell, tr, .warnings { break-inside: avoid; }
  .scroll { overflow: visible; }
  tbody th { position: static; }
  .charts { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.25rem 1.75rem; }
  .figures.of-1 { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .figures.of-2 { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  a { color: inherit; text-decoration: none; }
}
`;
