import { act } from 'react';
import { describe, expect, it } from 'vitest';

import type { Snapshot } from '../../src/protocol/_schema';
import { packageRows, queryRows } from '../../src/panel/packages';
import { FIRST_QUERY } from '../../src/panel/view';
import { button, click, mountPanel, type } from '../support/mount';
import { checked, CONDA, PIP, snapshotWith } from '../support/drawing';

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

function withPython(packages: string[], platform = 'linux-64'): Snapshot {
  const layers = {
    ...CONDA.layers,
    conda: { status: 'unavailable' as const },
    packages: { status: 'ok' as const, packages },
    system: { status: 'ok' as const, platform },
    notebook: { status: 'ok' as const, used: ['scikit-learn'] }
  };
  return { ...CONDA, layers };
}

describe('the table of packages', () => {
  it('joins both sides by the normalised name', () => {
    const rows = packageRows(
      withPython(['Scikit_Learn==1.4 [pip]', 'gone==1 [pip]']),
      withPython(['scikit-learn==1.5 [uv]', 'new==2 [pip]'])
    );
    expect(rows.map(row => [row.key, row.recorded, row.live, row.differs, row.used])).toEqual([
      ['gone', '1', null, true, false],
      ['new', null, '2', true, false],
      ['scikit-learn', '1.4', '1.5', true, true]
    ]);
    expect(rows[2]?.origin).toBe('pip → uv');
  });

  it('tells two builds of one version apart, on one platform', () => {
    const one = withPython(['mine==1 [pip, editable, git+https://e.org/m@1]']);
    const two = withPython(['mine==1 [pip, editable, git+https://e.org/m@2]']);
    expect(packageRows(one, two)[0]?.differs).toBe(true);
    expect(packageRows(one, two)[0]?.live).toContain('m@2');
    const mac = withPython(['mine==1 [pip, editable, git+https://e.org/m@2]'], 'osx-arm64');
    expect(packageRows(one, mac)[0]?.differs).toBe(false);
  });

  it('shows a conda package once, and a second installation over it', () => {
    const keys = packageRows(CONDA, CONDA).map(row => row.key);
    expect(keys.filter(key => key === 'numpy')).toHaveLength(1);
    expect(keys).toContain('pandas (pip)');
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('keeps a line of another form', () => {
    const rows = packageRows(withPython(['%%%', 'a b==c', '']), null);
    expect(rows).toHaveLength(3);
    expect(rows.every(row => !row.differs)).toBe(true);
  });

  it('searches, sorts, and puts the used ones first', () => {
    const rows = packageRows(CONDA, PIP);
    const found = queryRows(rows, { ...FIRST_QUERY, text: 'NUM' }).map(row => row.key);
    expect(found).toEqual(['numpy', 'numpy (uv)']); // the sample has it twice on one path
    const first = queryRows(rows, FIRST_QUERY);
    const used = first.filter(row => row.used).length;
    expect(used).toBeGreaterThan(0);
    expect(first.slice(0, used).every(row => row.used)).toBe(true);
    const down = queryRows(rows, { ...FIRST_QUERY, descending: true, usedFirst: false });
    const names = down.map(row => row.name);
    expect(names).toEqual([...names].sort(new Intl.Collator('en').compare).reverse());
    const some = packageRows(withPython(['a==1', 'b==1']), withPython(['a==1', 'b==2']));
    const different = queryRows(some, { ...FIRST_QUERY, onlyDifferent: true });
    expect(different.map(row => row.key)).toEqual(['b']);
  });
});

describe('the list of packages', () => {
  it('draws the rows in sight alone, whatever there are', () => {
    for (const count of [3, 500, 5000]) {
      const state = checked({
        document: { schema_version: 1, reference: snapshotWith(count) },
        snapshot: snapshotWith(count, '2.0')
      });
      const { box } = mountPanel(state, { view: OPEN });
      const list = box.querySelector('.jp-Repro-List');
      const drawn = list?.querySelectorAll('[role=row]').length ?? 0;
      expect(drawn).toBeGreaterThan(2);
      expect(drawn).toBeLessThanOrEqual(30);
      const table = box.querySelector('[role=table]');
      expect(Number(table?.getAttribute('aria-rowcount'))).toBeGreaterThan(count);
    }
  });

  it('draws other rows when it is scrolled, and tells their places', () => {
    const reference = snapshotWith(1000);
    const { box } = mountPanel(checked({ document: { schema_version: 1, reference } }), {
      view: OPEN
    });
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

  it('comes back into sight when a search shortens it', () => {
    const reference = snapshotWith(1000);
    const { box } = mountPanel(checked({ document: { schema_version: 1, reference } }), {
      view: OPEN
    });
    const search = box.querySelector<HTMLInputElement>('input[type=search]');
    if (search) {
      type(search, 'package77');
    }
    expect(box.querySelectorAll('.jp-Repro-List [role=row]')).toHaveLength(11);
    expect(box.textContent).toMatch(/11 of 1\d\d\d packages/);
    if (search) {
      type(search, 'no such thing');
    }
    expect(box.textContent).toContain('No package matches.');
  });

  it('is sorted by its columns', async () => {
    const { box } = mountPanel(checked(), { view: OPEN });
    const header = () =>
      [...box.querySelectorAll('[role=columnheader]')].find(node =>
        node.textContent.includes('Package')
      );
    expect(header()?.getAttribute('aria-sort')).toBe('ascending');
    await click(button(box, 'Package ▴'));
    expect(header()?.getAttribute('aria-sort')).toBe('descending');
  });
});

describe('the last table', () => {
  it('is kept while nothing in it changes, and made anew when something does', () => {
    const first = packageRows(withPython(['a==1']), withPython(['a==1']));
    expect(packageRows(withPython(['a==1']), withPython(['a==1']))).toBe(first);
    expect(packageRows(withPython(['a==1']), withPython(['a==2']))).not.toBe(first);
    expect(packageRows(withPython(['a==1']), null)[0]?.live).toBeNull();
    expect(packageRows(null, withPython(['a==1']))[0]?.recorded).toBeNull();
  });

  it('is made anew beside a platform of another form', () => {
    const odd = { platform: { a: 1 } };
    const known = withPython(['a==1']);
    const plain = { ...known, layers: { ...known.layers, system: {} } } as unknown as Snapshot;
    const stranger = { ...plain, layers: { ...plain.layers, system: odd } } as unknown as Snapshot;
    packageRows(plain, plain);
    expect(packageRows(stranger, plain)).toHaveLength(1);
    expect(packageRows(plain, stranger)).toHaveLength(1);
  });
});
