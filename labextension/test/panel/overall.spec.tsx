import * as React from 'react';
import { describe, expect, it } from 'vitest';

import type { Overall } from '../../src/protocol/_schema';
import { Badge } from '../../src/panel/components/Badge';
import type { Checked } from '../../src/notebook/model';
import { parseCheck } from '../../src/protocol/parse';
import { sampleCheck, sampleReport } from '../support/answers';
import { checked, MINIMAL, overall, report, result, WORDS } from '../support/drawing';
import { hasButton, mount, mountPanel } from '../support/mount';

const MATCHING = report({ verdict: 'match', summary: 'Matches: no differences.', findings: [] });

/** Where the environment matches: the verdict on all of it, and the word for it. */
const STATES: [Overall['verdict'], string][] = [
  ['match', 'Matches'],
  ['drift', 'Drifts'],
  ['mismatch', 'Differs'],
  ['not comparable', 'Cannot be compared'],
  ['not checked', 'Not checked'],
  ['not run', 'Results not run']
];

function withOverall(change: Partial<Overall>, more: Partial<Checked> = {}) {
  return checked({ report: MATCHING, overall: overall(change), ...more });
}

describe.each(STATES)('a notebook of which the verdict is %s', (verdict, word) => {
  const summary = 'Environment matches; 1 of 2 results differs: loss 0.45, recorded 0.4213.';
  const state = withOverall({ verdict, summary, differences: 1 });

  it.each([false, true])('has a badge that says so, small or not: %s', small => {
    const badge = mount(<Badge state={state} words={WORDS} small={small} onClick={() => {}} />);
    const shown = badge.querySelector('.jp-Repro-Badge');
    expect(shown?.getAttribute('data-verdict')).toBe(verdict);
    expect(shown?.textContent).toContain(word);
    expect(shown?.querySelector('.jp-Repro-Count')?.textContent).toBe('1');
    expect(shown?.getAttribute('title')).toContain(summary);
  });

  it('has a panel with it in its head, and the sentence under it', () => {
    const { box } = mountPanel(state);
    const head = box.querySelector('.jp-Repro-Verdict');
    expect(head?.getAttribute('data-verdict')).toBe(verdict);
    expect(head?.querySelector('h2')?.textContent).toBe(word);
    expect(head?.querySelector('[role=status] p')?.textContent).toBe(summary);
  });
});

describe('a result that was not run here', () => {
  const why = 'loss was not run. When it was last recorded it was identical: 0.5.';
  const unrun = result({ outcome: 'not run', current: '', why, values: [], band: [] });

  it('is shown as such, with its old state in words and no value of now', () => {
    const state = withOverall({ verdict: 'not run', differences: 0 }, { results: [unrun] });
    const item = mountPanel(state).box.querySelector('[data-outcome]');
    expect(item?.getAttribute('data-outcome')).toBe('not run');
    expect(item?.querySelector('p')?.textContent).toContain('not run:loss');
    expect(item?.textContent).toContain(why);
    expect(item?.textContent).not.toContain('→');
    expect(item?.textContent).not.toContain('absent');
  });

  it('can be accepted where results differ in a matching environment, else not', () => {
    expect(hasButton(mountPanel(withOverall({ differences: 1 })).box, 'Accept')).toBe(true);
    const none = withOverall({ verdict: 'not run', differences: 0 });
    expect(hasButton(mountPanel(none).box, 'Accept')).toBe(false);
  });
});

describe('a layer', () => {
  const layers = {
    conda: { verdict: 'not checked', absent: true, reason: 'not a conda environment' },
    libraries: { verdict: 'not checked', reason: 'none of them is loaded here' },
    core: { verdict: 'match' }
  } as const;
  const { box } = mountPanel(
    checked({
      document: { schema_version: 1, reference: MINIMAL },
      report: { ...MATCHING, layers }
    })
  );

  const layerNamed = (title: string) =>
    [...box.querySelectorAll('.jp-Repro-Layer')].find(
      node => node.querySelector('.jp-Repro-LayerName')?.textContent === title
    );

  it.each([
    ['conda environment', 'not present', 'Not present'],
    ['Numerical libraries', 'not checked', 'Not checked'],
    ['Python', 'match', 'Matches']
  ])('%s is %s', (title, verdict, word) => {
    const layer = layerNamed(title);
    expect(layer?.getAttribute('data-verdict')).toBe(verdict);
    expect(layer?.querySelector('.jp-Repro-LayerVerdict')?.textContent).toBe(word);
  });

  it('has a sign of its own for each verdict', () => {
    const signs = ['conda environment', 'Numerical libraries', 'Python'].map(
      title => layerNamed(title)?.querySelector('.jp-Repro-Sign')?.innerHTML
    );
    expect(new Set(signs).size).toBe(3);
  });
});

describe('an environment of which nothing was compared', () => {
  it('is not said to have no differences', () => {
    const nothing = report({ verdict: 'not checked', findings: [] });
    const { box } = mountPanel(checked({ report: nothing }));
    expect(box.textContent).not.toContain('No differences in the environment.');
  });
});

describe('answers of kernels of other versions', () => {
  it('are read without the members that they do not know', () => {
    expect(parseCheck(sampleCheck()).overall).toBeUndefined();
  });

  it('are read with members that this front end does not know', () => {
    const layer = { verdict: 'match', later: 1 } as const;
    const newer = {
      ...sampleCheck({ report: sampleReport({ layers: { core: layer } }) }),
      later: { verdict: 'unheard of' }
    };
    expect(() => parseCheck(newer)).not.toThrow();
  });
});
