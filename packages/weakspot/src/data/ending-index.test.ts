import { describe, expect, it } from 'vitest';
import { EndingIndex } from './ending-index.js';

describe('EndingIndex', () => {
  const index = new EndingIndex([
    'a.png',
    'x/b.jpg',
    'x/c.png',
    'y/c.png',
    'd.png',
    'd.jpg',
    '1.2.840.5.dcm',
    'IM1',
    'x/d.tif',
    'Ro\u0308.png',
  ]);

  it.each([
    ['a', ['a.png']],
    ['a.jpg', ['a.png']],
    ['a.PNG', ['a.png']],
    ['./a', ['a.png']],
    ['b', ['x/b.jpg']],
    ['x/b', ['x/b.jpg']],
    ['y/b', []],
    ['c', ['x/c.png', 'y/c.png']],
    ['y/c.tif', ['y/c.png']],
    ['d', ['d.png', 'd.jpg']],
    ['x/d', ['x/d.tif']],
    ['1.2.840.5', ['1.2.840.5.dcm']],
    ['1.2.840', []],
    ['IM1.dcm', ['IM1']],
    ['R%C3%B6.jpg', ['Ro\u0308.png']],
    ['', []],
  ])('finds of "%s" %j', (written, found) => {
    expect(index.find(written)).toEqual(found);
  });
});
