/** Fonts of every SVG here: what the viewer has, nothing to load. */
export const fontFamily = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';

/** Text made safe for XML content and attributes; characters that XML forbids are dropped. */
export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  const legal = Array.from(text).filter((char) => {
    const code = char.codePointAt(0) ?? 0;
    const control = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
    return !control && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
  });
  return legal.map((char) => entities[char] ?? char).join('');
}

/** An element with its attributes escaped; `content` is markup. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    // Two decimals are enough for any screen.
    const text = typeof value === 'number' ? String(Math.round(value * 100) / 100) : escapeXml(value);
    return ` ${key}="${text}"`;
  });
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

/** A `text` element; `text` is plain text. */
export function label(
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element('text', { x, y, ...attributes }, escapeXml(text));
}

/** A stand-alone SVG document of this size in pixels, on white, read out by screen readers as `title`. */
export function svgDocument(width: number, height: number, title: string, content: string): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': title,
    'font-family': fontFamily,
  };
  const paper = element('rect', { width, height, fill: '#ffffff' });
  return element('svg', attributes, paper + content);
}

/**
 * Width of text in pixels, estimated: no fonts are read here, and the viewer's differ. Latin text and digits average 0.55
 * to 0.64 of the font size (DejaVu Sans is among the widest); the estimate is a little more.
 */
export function textWidth(text: string, fontSize: number): number {
  return Array.from(text).length * fontSize * 0.66;
}

/** Text broken at spaces into lines of about `width` pixels at most; words longer than that stay whole. */
export function wrapText(text: string, width: number, fontSize: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(joined, fontSize) <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}
