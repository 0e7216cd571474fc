import { describe, expect, it } from 'vitest';

import type { Snapshot, ThirdPartyLayer } from '../../src/protocol/_schema';
import { findingsMarkdown, flatten, MAX_ROWS, plain } from '../../src/panel/formats';
import { mountPanel } from '../support/mount';
import { checked, CONDA, finding, report, result, WORDS } from '../support/drawing';

const MARKUP = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
const STEERING = 'safe\u202egnp.exe\u0007\u2066';

/** A snapshot whose every text is hostile, with layers that nobody knows. */
function poisoned(text: string): Snapshot {
  const other: ThirdPartyLayer = { status: 'ok', facts: { [text]: text } };
  const layers = JSON.parse(
    JSON.stringify(CONDA.layers, (key, value: unknown) =>
      typeof value === 'string' && key !== 'status' ? text : value
    )
  ) as Snapshot['layers'];
  return {
    ...CONDA,
    created: text,
    layers,
    third_party: { [text]: other, constructor: other }
  };
}

describe('metadata written by a stranger', () => {
  it('is text, whatever it holds', () => {
    const { box } = mountPanel(
      checked({
        document: { schema_version: 1, reference: poisoned(MARKUP), latest: poisoned(MARKUP) },
        snapshot: poisoned(MARKUP),
        facts: { gpu: [MARKUP] },
        referenceFacts: { gpu: [MARKUP], constructor: [MARKUP] },
        notes: [MARKUP],
        results: [
          result({
            name: MARKUP,
            reference: MARKUP,
            current: MARKUP,
            why: MARKUP,
            tolerance: MARKUP,
            cell: MARKUP
          })
        ],
        report: report({
          summary: MARKUP,
          policy: MARKUP,
          layers: { gpu: { verdict: 'not comparable', reason: MARKUP } },
          findings: [
            finding({
              layer: MARKUP,
              subject: MARKUP,
              reference: MARKUP,
              why: MARKUP,
              action: MARKUP
            })
          ]
        })
      }),
      {
        view: {
          layers: ['gpu', 'conda', 'packages', MARKUP],
          sections: {
            run: true,
            results: true,
            stack: true,
            differences: true,
            packages: true,
            cells: true
          }
        },
        cells: [{ id: MARKUP, index: 0, label: MARKUP, env: MARKUP }]
      }
    );
    expect(box.querySelectorAll('img, script, a, iframe')).toHaveLength(0);
    expect(box.textContent).toContain('<script>');
    expect('hit' in window).toBe(false);
  });

  it('cannot turn the writing direction or ring a bell', () => {
    const { box } = mountPanel(
      checked({
        document: { schema_version: 1, reference: poisoned(STEERING) },
        results: [result({ name: STEERING, why: STEERING, current: STEERING })],
        report: report({ summary: STEERING, findings: [finding({ subject: STEERING })] })
      }),
      { view: { layers: ['gpu', 'system'] } }
    );
    expect(box.innerHTML).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(plain(STEERING)).toBe('safe\uFFFDgnp.exe\uFFFD\uFFFD');
  });

  it('is cut where it is long', () => {
    expect(plain('x'.repeat(10_000_000))).toHaveLength(301);
    const { box } = mountPanel(
      checked({
        results: [result({ name: 'x'.repeat(1_000_000), current: 'x'.repeat(1_000_000) })],
        report: report({ findings: [finding({ subject: 'x'.repeat(1_000_000) })] })
      })
    );
    expect(box.textContent.length).toBeLessThan(10_000);
  });

  it('ends, however deep it is nested and however much it holds', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 5000; level += 1) {
      deep = { inner: deep };
    }
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n]));
    const list = Array.from({ length: 100_000 }, (_, n) => n);
    const facts = flatten({ status: 'ok', deep, list, wide }, WORDS);
    expect(facts.size).toBeLessThanOrEqual(MAX_ROWS);
    expect([...facts.values()]).toContain('…');
    expect(facts.get('list')).toContain('(100000 in all)');
  });

  it('may have layers of wrong types', () => {
    const broken = {
      ...CONDA,
      layers: { ...CONDA.layers, gpu: 'none', conda: null, packages: { status: 7, packages: 'x' } },
      third_party: { odd: null }
    } as unknown as Snapshot;
    const { box } = mountPanel(checked({ document: { schema_version: 1, reference: broken } }), {
      view: {
        layers: ['gpu', 'conda', 'packages', 'odd'],
        sections: {
          run: true,
          results: true,
          stack: true,
          differences: true,
          packages: true,
          cells: true
        }
      }
    });
    expect(box.querySelectorAll('.jp-Repro-Stack .jp-Repro-Layer')).toHaveLength(7);
  });

  it('makes no table, link or mention in the Markdown', () => {
    const nasty = 'a|b `c` [x](http://e) @me <b> \n| new row';
    const text = findingsMarkdown(
      report({ findings: [finding({ subject: nasty, why: nasty })] }),
      WORDS
    );
    const row = text.split('\n').filter(line => line.startsWith('| Error'));
    expect(row).toHaveLength(1);
    expect(row[0]?.replaceAll(/`[^`]*`/g, '')).not.toMatch(/[@<[\]]/);
  });
});
