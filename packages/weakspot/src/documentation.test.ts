import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pageUrl } from './documentation.js';

describe('the URL of a page', () => {
  it('leads to a page that is there', () => {
    const url = new URL(pageUrl('reference/configuration.md'));
    expect(url.protocol).toBe('file:');
    expect(existsSync(url)).toBe(true);
    expect(url.pathname).toMatch(/\/docs\/reference\/configuration\.md$/);
  });
});
