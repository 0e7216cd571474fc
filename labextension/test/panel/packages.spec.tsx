import { act } from 'react';
import { describe, expect, it, vi } from 'vitest';

import type { ReproState } from '../../src/notebook/model';
import { createPackages } from '../../src/notebook/packages';
import type { PackageRow, Snapshot } from '../../src/protocol/_schema';
import { listedRows, queryRows, rowsOf } from '../../src/panel/packages';
import { FIRST_QUERY } from '../../src/panel/view';
import { button, click, mountPanel, type } from '../support/mount';
import { checked, CONDA, report } from '../support/drawing';

const OPEN = {
  sections: {
    run: false,
    results: false,
    stack: false,
    differences: false,
    packages: true,
    cells: false
  }
};

const ROWS: readonly PackageRow[] = [
  { name: 'gone', recorded: '1', layers: ['packages'], origin: 'pip', differs: true },
  { name: 'NumPy', recorded: '1 a', current: '1 b', layers: ['conda'], used: true, differs: true },
  { name: 'rich', recorded: '10', current: '10', layers: ['packages'], differs: false },
  { name: 'zlib', recorded: '9', current: '9', layers: ['conda'], differs: null }
];

function many(count: number): PackageRow[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `package${n}`,
    recorded: '1.0',
    current: '2.0',
    layers: ['conda'],
    differs: true
  }));
}

/** Draws the panel with the table open, after the kernel's answer. */
async function mountTable(state: ReproState, rows: readonly PackageRow[] | null) {
  const mounted = mountPanel(state, { view: OPEN, packages: () => Promise.resolve(rows) });
  await act(() => Promise.resolve());
  return mounted;
}

function names(rows: readonly PackageRow[]): string[] {
  return rows.map(row => row.name);
}

describe('the rows of packages', () => {
  it('are searched, sorted and narrowed, the used ones first', () => {
    expect(names(queryRows(ROWS, { ...FIRST_QUERY, text: ' NUM' }))).toEqual(['NumPy']);
    expect(names(queryRows(ROWS, FIRST_QUERY))).toEqual(['NumPy', 'gone', 'rich', 'zlib']);
    const plain = { ...FIRST_QUERY, usedFirst: false };
    const down = queryRows(ROWS, { ...plain, sort: 'recorded', descending: true });
    expect(names(down)).toEqual(['rich', 'zlib', 'NumPy', 'gone']);
    expect(names(queryRows(ROWS, { ...plain, onlyDifferent: true }))).toEqual(['gone', 'NumPy']);
  });

  it('are those of a layer in its details', () => {
    expect(names(rowsOf(ROWS, 'conda'))).toEqual(['NumPy', 'zlib']);
    expect(rowsOf(ROWS, 'all')).toBe(ROWS);
  });

  it('are the lines as they are stored where no kernel makes the table', () => {
    const lines = names(listedRows(CONDA, 'all'));
    expect(lines.some(line => line.startsWith('numpy-'))).toBe(true);
    expect(lines.some(line => line.includes('==') && line.endsWith(']'))).toBe(true);
    expect(listedRows(CONDA, 'all').every(row => row.differs === undefined)).toBe(true);
    expect(listedRows(CONDA, 'conda').length).toBeLessThan(lines.length);
    expect(listedRows(null, 'all')).toEqual([]);
    const odd = { ...CONDA, layers: { conda: { packages: 1 }, packages: { packages: [1, 'a'] } } };
    expect(names(listedRows(odd as unknown as Snapshot, 'all'))).toEqual(['a']);
  });
});

describe('the list of packages', () => {
  it('draws the rows in sight alone, whatever there are', async () => {
    for (const count of [3, 500, 5000]) {
      const { box } = await mountTable(checked(), many(count));
      const list = box.querySelector('.jp-Repro-List');
      const drawn = list?.querySelectorAll('[role=row]').length ?? 0;
      expect(drawn).toBeGreaterThan(2);
      expect(drawn).toBeLessThanOrEqual(30);
      const table = box.querySelector('[role=table]');
      expect(Number(table?.getAttribute('aria-rowcount'))).toBe(count + 1);
    }
  });

  it('draws other rows when it is scrolled, and tells their places', async () => {
    const { box } = await mountTable(checked(), many(1000));
    const list = box.querySelector('.jp-Repro-List');
    const before = list?.querySelector('[role=row]')?.getAttribute('aria-rowindex');
    act(() => {
      if (list) {
        list.scrollTop = 24 * 500;
        list.dispatchEvent(new Event('scroll'));
      }
    });
    const after = Number(list?.querySelector('[role=row]')?.getAttribute('aria-rowindex'));
    expect(before).toBe('2');
    expect(after).toBeGreaterThan(480);
    expect(after).toBeLessThan(502);
  });

  it('comes back into sight when a search shortens it', async () => {
    const { box } = await mountTable(checked(), many(1000));
    const search = box.querySelector<HTMLInputElement>('input[type=search]');
    if (search) {
      type(search, 'package77');
    }
    expect(box.querySelectorAll('.jp-Repro-List [role=row]')).toHaveLength(11);
    expect(box.textContent).toContain('11 of 1000 packages');
    if (search) {
      type(search, 'no such thing');
    }
    expect(box.textContent).toContain('No package matches.');
  });

  it('is sorted by its columns', async () => {
    const { box } = await mountTable(checked(), ROWS);
    const header = () =>
      [...box.querySelectorAll('[role=columnheader]')].find(node =>
        node.textContent.includes('Package')
      );
    expect(header()?.getAttribute('aria-sort')).toBe('ascending');
    await click(button(box, 'Package ▴'));
    expect(header()?.getAttribute('aria-sort')).toBe('descending');
  });
});

describe('what the kernel answers', () => {
  const held = (state: ReproState) => {
    const ask = vi.fn<() => Promise<string | null>>();
    return { ask, state, packages: createPackages(ask) };
  };

  it('is asked once, and again when what it compares is another', async () => {
    const { ask, state, packages } = held(checked());
    ask.mockResolvedValue(JSON.stringify({ rows: ROWS }));
    expect(await packages(state)).toEqual(ROWS);
    expect(await packages({ ...checked(), at: 1 })).toEqual(ROWS);
    expect(await packages({ kind: 'busy', last: checked(), document: null })).toEqual(ROWS);
    expect(ask).toHaveBeenCalledTimes(1);
    await packages(checked({ report: report({ current_digest: '0'.repeat(64) }) }));
    await packages(checked({ report: report({ policy: 'production' }) }));
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['an old kernel or a busy one', null],
    ['no JSON', 'rows'],
    ['another object', '{"rows": [{"name": 1, "layers": []}]}'],
    ['control characters', '{"rows": [{"name": "a\\u202e", "layers": []}]}']
  ])('is none with %s, which is not kept', async (_, text) => {
    const { ask, state, packages } = held(checked());
    ask.mockResolvedValue(text);
    expect(await packages(state)).toBeNull();
    await packages(state);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('is none where no kernel has answered, and nothing is asked', async () => {
    const { ask, state, packages } = held({ kind: 'no-kernel', document: null });
    expect(await packages(state)).toBeNull();
    expect(ask).not.toHaveBeenCalled();
  });
});

describe('the table', () => {
  it('marks what differs and what was not checked, as the kernel says', async () => {
    const { box } = await mountTable(checked(), ROWS);
    const marks = [...box.querySelectorAll('.jp-Repro-List [role=row]')].map(row => [
      row.querySelector('[role=rowheader]')?.textContent,
      row.querySelector('[role=img]')?.getAttribute('aria-label')
    ]);
    expect(marks).toEqual([
      ['NumPyused', 'differs'],
      ['gone', 'differs'],
      ['rich', undefined],
      ['zlib', 'Not checked']
    ]);
  });

  it('lists what is recorded, not checked, where the kernel does not answer', async () => {
    const { box } = await mountTable(checked(), null);
    expect(box.textContent).toContain('These are the recorded packages.');
    expect(box.textContent).not.toContain('Only different');
    expect(box.querySelectorAll('[role=columnheader]')).toHaveLength(1);
    expect(box.querySelector('.jp-mod-differs')).toBeNull();
  });
});
