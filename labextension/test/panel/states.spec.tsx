import { describe, expect, it } from 'vitest';

import type { Document } from '../../src/protocol/_schema';
import type { ReproState } from '../../src/notebook/model';
import { VERSION } from '../../src/protocol/version';
import { button, click, hasButton, mountPanel } from '../support/mount';
import { checked, CONDA, PIP, report } from '../support/drawing';

const HELD: Document = { schema_version: 1, reference: CONDA };

/** Each state that has no comparison: its sentence, and the button that helps, if there is one. */
const CONDITIONS: [ReproState, string, string | null][] = [
  [{ kind: 'no-notebook' }, 'Open a notebook', null],
  [{ kind: 'not-asked', document: HELD }, 'has not been checked yet', 'Check now'],
  [{ kind: 'starting', document: HELD }, 'kernel is starting', null],
  [{ kind: 'busy', document: HELD, last: null }, 'running a cell', null],
  [{ kind: 'dead', document: HELD }, 'kernel has died', null],
  [{ kind: 'no-kernel', document: HELD }, 'has no kernel', null],
  [{ kind: 'not-python', language: 'julia', document: HELD }, 'runs julia', null],
  [
    { kind: 'not-installed', command: 'pip install jupyter_repro', document: HELD },
    'jupyter_repro is not installed',
    'Copy command'
  ],
  [
    { kind: 'outdated', which: 'kernel', kernel: '0.1', extension: '0.2', document: HELD },
    'in the environment of the kernel',
    'Check now'
  ],
  [
    { kind: 'outdated', which: 'extension', kernel: '0.3', extension: '0.2', document: HELD },
    'jupyter_repro 0.3, this panel is version 0.2. Update the package where JupyterLab runs',
    'Check now'
  ],
  [
    { kind: 'outdated', which: 'kernel', kernel: null, extension: '0.2', document: HELD },
    'jupyter_repro (an older version), this panel is version 0.2',
    'Check now'
  ],
  [{ kind: 'timeout', document: HELD }, 'did not answer in time', 'Check now'],
  [
    { kind: 'garbled', reason: 'no JSON', document: HELD },
    'Unexpected reply from the kernel: no JSON',
    'Check now'
  ],
  [
    { kind: 'unreadable', reason: 'It is of version 7.', snapshot: PIP, facts: {} },
    'It is of version 7.',
    'Check now'
  ],
  [
    { kind: 'nothing-recorded', snapshot: PIP, facts: {}, notes: [], readOnly: false },
    '%load_ext jupyter_repro\n%repro seed=42',
    'Insert it'
  ]
];

describe('a condition without a comparison', () => {
  it.each(CONDITIONS)('$kind has its own sentence', (state, sentence, remedy) => {
    const { box } = mountPanel(state);
    expect(box.querySelector('.jp-Repro-Notice')?.textContent).toContain(sentence);
    if (remedy === null) {
      expect(box.querySelectorAll('.jp-Repro-Notice button')).toHaveLength(0);
    } else {
      expect(hasButton(box, remedy)).toBe(true);
    }
  });

  it.each(CONDITIONS.filter(([state]) => 'document' in state))(
    '$kind still shows what was recorded, as not checked',
    state => {
      const { box } = mountPanel(state);
      expect(box.querySelector('h2')?.textContent).toBe('Not checked');
      expect(box.textContent).toContain('Seed 42');
      expect(box.querySelectorAll('.jp-Repro-Stack .jp-Repro-Layer')).toHaveLength(7);
      expect(box.querySelector('[data-verdict="match"]')).toBeNull();
    }
  );

  it('says each sentence once', () => {
    const said = CONDITIONS.map(([state]) => {
      const { box } = mountPanel(state);
      return box.querySelector('.jp-Repro-Notice p')?.textContent;
    });
    expect(new Set(said).size).toBe(CONDITIONS.length);
  });

  it('sets its action going', async () => {
    const missing = mountPanel({ kind: 'not-installed', command: 'pip install x', document: null });
    await click(button(missing.box, 'Copy command'));
    expect(missing.actions.copy).toHaveBeenCalledWith('pip install x');
    expect(hasButton(missing.box, 'Copied')).toBe(true);

    const nothing = mountPanel({
      kind: 'nothing-recorded',
      snapshot: PIP,
      facts: {},
      notes: [],
      readOnly: false
    });
    await click(button(nothing.box, 'Insert it'));
    expect(nothing.actions.insertMagic).toHaveBeenCalledOnce();
    await click(button(nothing.box, 'Check now'));
    expect(nothing.actions.check).toHaveBeenCalledOnce();
  });

  it('offers nothing that would write a read-only notebook', () => {
    const state: ReproState = {
      kind: 'nothing-recorded',
      snapshot: PIP,
      facts: {},
      notes: [],
      readOnly: true
    };
    const { box } = mountPanel(state);
    expect(hasButton(box, 'Insert it')).toBe(false);
    expect(box.textContent).toContain('read-only');
  });
});

describe('a comparison', () => {
  it('says the verdict, the seed, when, in what, and by which policy', () => {
    const { box } = mountPanel(checked());
    expect(box.querySelector('h2')?.textContent).toBe('Differs');
    const record = box.querySelector('.jp-Repro-Record')?.textContent;
    expect(record).toContain('Seed 42');
    expect(record).toContain('2026');
    expect(record).toContain('Python 3.11');
    expect(record).toContain('Policy research');
  });

  it('stays in sight while a cell runs', () => {
    const { box } = mountPanel({ kind: 'busy', document: HELD, last: checked() });
    expect(box.querySelector('h2')?.textContent).toBe('Differs');
    expect(box.querySelector('.jp-Repro-Notice')?.textContent).toContain(
      'Below is the result of the check'
    );
  });

  it('tells that the last run was elsewhere, and what is not in force', () => {
    const document = { ...HELD, latest: PIP };
    const { box } = mountPanel(checked({ document, notes: ['PYTHONHASHSEED was not set.'] }));
    const remarks = box.querySelector('.jp-Repro-Remarks')?.textContent;
    expect(remarks).toContain('a different environment from the recorded one');
    expect(remarks).toContain('PYTHONHASHSEED');
  });

  it.each([
    ['9.1.0', 'JupyterLab runs'],
    ['0.0.9', 'in the environment of the kernel'],
    [VERSION, null],
    [VERSION.replace(/\d+$/, '99'), null],
    ['nonsense', null]
  ])('with jupyter_repro %s in the kernel says which to update, if any', (tool, said) => {
    const { box } = mountPanel(checked({ snapshot: { ...PIP, tool } }));
    const remarks = box.querySelector('.jp-Repro-Remarks')?.textContent ?? '';
    expect(remarks.includes('Update')).toBe(said !== null);
    expect(remarks).toContain(said ?? '');
  });

  it('offers no acceptance where everything matches, and none for a read-only notebook', () => {
    const matching = mountPanel(checked({ report: report({ verdict: 'match', findings: [] }) }));
    expect(hasButton(matching.box, 'Accept')).toBe(false);
    expect(matching.box.textContent).toContain('No differences in the environment.');
    const fixed = mountPanel(checked({ readOnly: true }));
    expect(hasButton(fixed.box, 'Accept')).toBe(false);
    expect(hasButton(fixed.box, 'Record again')).toBe(false);
    expect(hasButton(fixed.box, 'Check now')).toBe(true);
  });
});
