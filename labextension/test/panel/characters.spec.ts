/** The characters that are never shown are Python's, code point by code point. */
import { describe, expect, it } from 'vitest';

import shown from '../../../jupyter_repro/model/schema/shown.json';
import { plain } from '../../src/panel/formats';

const LAST = 0x10ffff;
const BLANKS = '\t\n\r';

function members(ranges: readonly (readonly number[])[]): Set<string> {
  return new Set(
    ranges.flatMap(([first = 0, last = 0]) =>
      Array.from({ length: last - first + 1 }, (_, place) => String.fromCodePoint(first + place))
    )
  );
}

const HIDDEN = members(shown.characters.hidden);
const JOINERS = [...members(shown.characters.joiners)];

describe('a character', () => {
  it('is hidden here where Python hides it', () => {
    const disagreeing: string[] = [];
    for (let point = 0; point <= LAST; point++) {
      const one = String.fromCodePoint(point);
      const text = `a${one}b`;
      const expected = HIDDEN.has(one) ? `a${BLANKS.includes(one) ? ' ' : '\uFFFD'}b` : text;
      if (plain(text) !== expected) {
        disagreeing.push(point.toString(16));
      }
    }
    expect(disagreeing).toEqual([]);
  });

  it.each(JOINERS)('that joins is shown between two letters alone', joiner => {
    for (const text of [
      `\u0645\u06cc${joiner}\u062e${joiner}\u0648`,
      `\u0915\u094d${joiner}\u0937`
    ]) {
      expect(plain(text)).toBe(text);
    }
    for (const text of [`a${joiner}`, `${joiner}a`, `1${joiner}2`, `a${joiner}${joiner}b`]) {
      expect(plain(text)).not.toContain(joiner);
    }
    expect(plain(`ab${joiner}cd`, 3)).not.toContain(joiner);
  });
});
