import { describe, expect, it } from 'vitest';

import { keepsIds, withoutCells } from '../../src/notebook/ids';
import { sampleDocument } from '../support/answers';

describe('a file without cell ids', () => {
  it.each([
    [4, 4, false],
    [4, 0, false],
    [3, 9, false],
    [4, 5, true],
    [4, 6, true],
    [5, 0, true]
  ])('format %i.%i keeps them: %s', (nbformat, nbformatMinor, keeps) => {
    expect(keepsIds({ nbformat, nbformatMinor })).toBe(keeps);
  });

  it('holds no name of a cell, and so the same after the next opening', () => {
    const kept = ['id-of-this-session', 'id-of-the-next'].map(cell =>
      withoutCells({
        ...sampleDocument(),
        results: { loss: { parts: [{ type: 'float', value: '1.5' }], cell } },
        findings: [
          { ...FINDING, cell, line: 2 },
          { ...FINDING, cell: `${cell}-2`, line: 3 },
          { ...FINDING, cell, file: 'helpers.py', line: 4 }
        ]
      })
    );
    expect(JSON.stringify(kept[0])).not.toContain('id-of');
    expect(kept[0]).toEqual(kept[1]);
    expect(kept[0]?.results).toEqual({ loss: { parts: [{ type: 'float', value: '1.5' }] } });
    expect(kept[0]?.findings).toEqual([FINDING, { ...FINDING, file: 'helpers.py', line: 4 }]);
  });

  it('has what a record without results and findings has', () => {
    const document = sampleDocument();
    delete document.results;
    delete document.findings;
    expect(withoutCells(document)).toEqual(document);
  });
});

const FINDING = {
  kind: 'unseeded-generator',
  severity: 'note',
  what: 'A generator of NumPy was made without a seed.',
  advice: 'Nothing to do.'
} as const;
