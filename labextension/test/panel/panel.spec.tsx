import * as React from 'react';
import { describe, expect, it } from 'vitest';

import type { RunFinding } from '../../src/protocol/_schema';
import { Badge } from '../../src/panel/components/Badge';
import type { CellEnvironment } from '../../src/notebook/model';
import { button, click, hasButton, mount, mountPanel } from '../support/mount';
import { checked, CONDA, finding, MINIMAL, PIP, report, WORDS } from '../support/drawing';

describe('the stack', () => {
  it('stands from the notebook down to the hardware, with third parties beside it', () => {
    const { box } = mountPanel(checked());
    const names = [...box.querySelectorAll('.jp-Repro-LayerName')].map(node => node.textContent);
    expect(names).toEqual([
      'Notebook',
      'Frameworks',
      'Python packages',
      'conda environment',
      'Python',
      'Operating system',
      'GPU and driver',
      'Numerical libraries',
      'Determinism',
      'microscope'
    ]);
  });

  it('says the verdict of a layer in a word, and what is here instead', () => {
    const { box } = mountPanel(checked());
    const frameworks = button(box, 'Frameworks');
    expect(frameworks.textContent).toContain('Differs');
    expect(frameworks.textContent).toContain('torch 2.4.1');
    expect(frameworks.textContent).toContain('Here: torch 2.5.1+cpu');
    expect(button(box, 'Determinism').textContent).toContain('Not checked');
  });

  it('opens a layer with both sides, and closes it', async () => {
    const { box } = mountPanel(checked());
    expect(button(box, 'GPU and driver').getAttribute('aria-expanded')).toBe('false');
    await click(button(box, 'GPU and driver'));
    const opened = button(box, 'GPU and driver');
    expect(opened.getAttribute('aria-expanded')).toBe('true');
    const body = document.getElementById(opened.getAttribute('aria-controls') ?? '');
    const heads = [...(body?.querySelectorAll('[role=columnheader]') ?? [])];
    expect(heads.map(node => node.textContent)).toEqual(['Property', 'Recorded', 'Here']);
    expect(body?.textContent).toContain('NVIDIA A100');
    await click(opened);
    expect(box.querySelector('.jp-Repro-LayerBody')).toBeNull();
  });

  it('tells absence from failure', () => {
    const { box } = mountPanel({
      kind: 'nothing-recorded',
      snapshot: MINIMAL,
      facts: {},
      notes: [],
      readOnly: false
    });
    expect(button(box, 'conda environment').textContent).toContain('Not present');
    expect(button(box, 'GPU and driver').textContent).toContain('Could not be read');
    expect(button(box, 'conda environment').textContent).not.toContain('Not checked');
  });
});

describe('the differences', () => {
  const many = report({
    findings: [
      finding(),
      finding({ severity: 'warning', subject: 'driver', layer: 'gpu' }),
      finding({ severity: 'note', subject: 'cores', layer: 'system', current: null, used: false })
    ]
  });

  it('are told with both values, the reason and what to do', () => {
    const { box } = mountPanel(checked({ report: many }));
    const text = box.querySelector('.jp-Repro-Finding')?.textContent;
    expect(text).toContain('Error: torch');
    expect(text).toContain('recorded: 2.4.1');
    expect(text).toContain('here: 2.5.0');
    expect(text).toContain('Kernels may change.');
    expect(text).toContain('What to do: Install the recorded one.');
    expect(box.querySelectorAll('.jp-Repro-Finding')[2]?.textContent).toContain('here: absent');
  });

  it('can be narrowed to a severity', async () => {
    const { box } = mountPanel(checked({ report: many }));
    const notes = button(box, '1 note');
    expect(notes.getAttribute('aria-pressed')).toBe('true');
    await click(notes);
    expect(button(box, '1 note').getAttribute('aria-pressed')).toBe('false');
    expect(box.querySelectorAll('.jp-Repro-Finding')).toHaveLength(2);
    await click(button(box, '1 error'));
    await click(button(box, '1 warning'));
    expect(box.textContent).toContain('No difference of this severity.');
  });

  it('can be grouped by layer', () => {
    const { box } = mountPanel(checked({ report: many }), { view: { groupBy: 'layer' } });
    const titles = [...box.querySelectorAll('.jp-Repro-GroupTitle')].map(node => node.textContent);
    expect(titles).toEqual(['Frameworks', 'GPU and driver', 'Operating system']);
  });

  it('are copied as Markdown, those that are shown', async () => {
    const { box, actions } = mountPanel(checked({ report: many }), {
      view: { severities: ['error'] }
    });
    await click(button(box, 'Copy as Markdown'));
    const text = actions.copy.mock.calls[0]?.[0];
    expect(text).toContain('| Error | Frameworks | `torch` | `2.4.1` | `2.5.0` |');
    expect(text).not.toContain('driver');
  });

  it('do not flood the document', async () => {
    const findings = Array.from({ length: 250 }, (_, n) => finding({ subject: `p${n}` }));
    const { box } = mountPanel(checked({ report: report({ findings }) }));
    expect(box.querySelectorAll('.jp-Repro-Finding')).toHaveLength(100);
    await click(button(box, 'Show 150 more'));
    expect(box.querySelectorAll('.jp-Repro-Finding')).toHaveLength(200);
  });
});

describe('what was seen while it ran', () => {
  const seen: RunFinding = {
    kind: 'unseeded-generator',
    severity: 'note',
    what: 'A generator was made <b>without</b> a seed.',
    advice: 'Give it one.',
    cell: 'c1',
    line: 3
  };
  const cells = [{ id: 'c1', index: 4, label: 'x', env: null }];
  const document = { schema_version: 1, reference: CONDA };

  it('says where, as text, and a click goes to the cell', async () => {
    const state = checked({ document: { ...document, findings: [seen] } });
    const { box, actions } = mountPanel(state, { cells });
    expect(box.textContent).toContain('Cell 5line 3');
    expect(box.textContent).toContain('<b>without</b>');
    await click(button(box, 'Cell 5'));
    expect(actions.showCell).toHaveBeenCalledWith('c1');
  });

  it('names a file, and a cell that is gone is no button', () => {
    const gone = { ...seen, cell: 'gone', file: 'train.py' };
    const { box } = mountPanel(checked({ document: { ...document, findings: [gone] } }), { cells });
    expect(box.textContent).toContain('train.py, line 3');
    expect(hasButton(box, 'Cell 5')).toBe(false);
  });

  it('takes no room where nothing was', () => {
    const { box } = mountPanel(checked({ document: { ...document, findings: [] } }));
    expect(box.textContent).not.toContain('Seen in this run');
  });
});

describe('the cells', () => {
  const cell = (index: number, env: string | null): CellEnvironment => ({
    id: `c${index}`,
    index,
    label: `line ${index}`,
    env
  });
  const sections = {
    run: false,
    results: false,
    stack: false,
    differences: false,
    packages: false,
    cells: true
  };
  const first = CONDA.digest.slice(0, 12);
  const other = PIP.digest.slice(0, 12);

  it('are grouped by the environment of their outputs', async () => {
    const cells = [cell(0, first), cell(1, first), cell(2, first), cell(4, other), cell(5, null)];
    const { box, actions } = mountPanel(checked(), { view: { sections }, cells });
    expect(box.textContent).toContain('2 different environments');
    const titles = [...box.querySelectorAll('.jp-Repro-GroupTitle')].map(node => node.textContent);
    expect(titles[0]).toContain('The recorded environment');
    expect(titles[0]).toContain('Cells 1–3');
    expect(titles[1]).toContain('The environment of this kernel');
    expect(titles[1]).toContain('Cell 5');
    expect(titles[2]).toContain('Unknown');
    await click(button(box, 'line 4'));
    expect(actions.showCell).toHaveBeenCalledWith('c4');
  });

  it('say so where none has run', () => {
    const { box } = mountPanel(checked(), { view: { sections }, cells: [cell(0, null)] });
    expect(box.textContent).toContain('No cell has run');
  });
});

describe('the keyboard and the screen reader', () => {
  it('reach everything that can be clicked', async () => {
    const { box } = mountPanel(checked(), {
      view: {
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
    await click(button(box, 'conda environment'));
    const clickable = box.querySelectorAll('button, input, select, [tabindex]');
    for (const node of clickable) {
      expect((node as HTMLElement).tabIndex).toBe(0);
    }
    // Nothing else listens: every handler sits on one of these elements
    expect(box.querySelectorAll('[onclick]')).toHaveLength(0);
    expect(box.querySelectorAll('.jp-Repro-List[tabindex="0"]')).toHaveLength(2);
  });

  it('find a name on every control, and no picture that is read out', () => {
    const { box } = mountPanel(checked(), {
      view: {
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
    for (const control of box.querySelectorAll('button, input, select')) {
      const name =
        control.getAttribute('aria-label') ?? control.closest('label, button')?.textContent;
      expect(name).toBeTruthy();
    }
    for (const sign of box.querySelectorAll('svg')) {
      expect(sign.getAttribute('aria-hidden')).toBe('true');
    }
  });
});

describe('the badge', () => {
  it('says the state and opens the panel', async () => {
    let opened = 0;
    const box = mount(<Badge state={checked()} words={WORDS} onClick={() => (opened += 1)} />);
    expect(box.textContent).toContain('Differs');
    expect(box.querySelector('.jp-Repro-Count')?.textContent).toBe('1');
    expect(hasButton(box, '1 difference')).toBe(true);
    await click(button(box, 'Differs'));
    expect(opened).toBe(1);
  });

  it('is absent without a notebook', () => {
    const box = mount(<Badge state={{ kind: 'no-notebook' }} words={WORDS} onClick={() => {}} />);
    expect(box.textContent).toBe('');
  });
});
