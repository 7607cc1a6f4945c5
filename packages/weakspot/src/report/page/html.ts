import { escapeXml } from '../svg.js';

/** Attributes of an element: true stands alone, undefined and false are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const voidElements = new Set(['img', 'meta', 'link', 'br', 'hr']);

/** An HTML element; attributes are escaped, `content` is markup. */
export function tag(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    if (value === undefined || value === false) return '';
    return value === true ? ` ${key}` : ` ${key}="${escapeXml(String(value))}"`;
  });
  const open = `<${name}${written.join('')}>`;
  return voidElements.has(name) ? open : `${open}${content.join('')}</${name}>`;
}

/** Plain text as markup. */
export const text = escapeXml;

/** An identifier for links inside the page. */
export function anchorOf(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return plain.replaceAll(/^-+|-+$/g, '') || 'part';
}
