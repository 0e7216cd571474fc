import { describe, expect, it } from 'vitest';

import { alarmOf } from '../../src/plugin/alarm';
import {
  checkedOf,
  DEFAULT_SETTINGS,
  documentOf,
  isSameState,
  stateOf
} from '../../src/notebook/model';
import { parseSettings } from '../../src/plugin/settings';
import { sampleCheck, sampleDocument, sampleFinding, sampleReport } from '../support/answers';

describe('a state', () => {
  it('knows nothing without a notebook', () => {
    expect(documentOf({ kind: 'no-notebook' })).toBeNull();
    expect(checkedOf({ kind: 'no-notebook' })).toBeNull();
  });

  it('is checked where something is recorded', () => {
    const state = stateOf(sampleCheck(), true, 5);
    expect(state).toMatchObject({ kind: 'checked', readOnly: true, at: 5 });
    expect(documentOf(state)).toEqual(sampleDocument());
  });

  it('says when nothing is recorded', () => {
    const check = sampleCheck({ document: null, report: null });
    expect(stateOf(check, false, 0).kind).toBe('nothing-recorded');
  });

  it('says when the metadata are unreadable', () => {
    const check = sampleCheck({ problem: 'It is newer.', document: null, report: null });
    expect(stateOf(check, false, 0)).toMatchObject({ kind: 'unreadable', reason: 'It is newer.' });
  });

  it('keeps the last answer while the kernel is busy', () => {
    const last = checkedOf(stateOf(sampleCheck(), false, 0));
    expect(checkedOf({ kind: 'busy', last, document: null })).toBe(last);
  });

  it('is the same whenever it was asked', () => {
    const later = sampleCheck();
    later.snapshot.created = '2030-01-01T00:00:00Z';
    expect(isSameState(stateOf(sampleCheck(), false, 1), stateOf(later, false, 2))).toBe(true);
  });

  it('is another one when the verdict is', () => {
    const other = sampleCheck({ report: sampleReport({ verdict: 'drift' }) });
    expect(isSameState(stateOf(sampleCheck(), false, 1), stateOf(other, false, 1))).toBe(false);
  });
});

describe('the results of a state', () => {
  const loss = { name: 'loss', outcome: 'identical', reference: '1', current: '1' } as const;

  it('are those of the answer', () => {
    const state = stateOf(sampleCheck({ results: [loss] }), false, 0);
    expect(checkedOf(state)?.results).toEqual([loss]);
    expect(checkedOf(stateOf(sampleCheck(), false, 0))?.results).toEqual([]);
  });

  it('make it another one', () => {
    const before = stateOf(sampleCheck({ results: [loss] }), false, 1);
    const same = stateOf(sampleCheck({ results: [{ ...loss }] }), false, 2);
    const other = stateOf(sampleCheck({ results: [{ ...loss, current: '2' }] }), false, 2);
    expect(isSameState(before, same)).toBe(true);
    expect(isSameState(before, other)).toBe(false);
  });
});

describe('the verdict on all of a notebook', () => {
  it('is the one that the kernel gives', () => {
    const overall = { verdict: 'not run', summary: 'Not run.', differences: 0 } as const;
    expect(checkedOf(stateOf(sampleCheck({ overall }), false, 0))?.overall).toEqual(overall);
  });

  it("is the environment's where the kernel is too old to give one", () => {
    const state = stateOf(sampleCheck({ report: sampleReport({ verdict: 'drift' }) }), false, 0);
    expect(checkedOf(state)?.overall).toMatchObject({
      verdict: 'drift',
      summary: 'No differences.',
      differences: 0
    });
  });
});

describe('an alarm', () => {
  const differing = stateOf(
    sampleCheck({
      report: sampleReport({ verdict: 'drift', findings: [sampleFinding('warning')] })
    }),
    false,
    0
  );

  it.each([
    ['never', false],
    ['error', false],
    ['warning', true],
    ['note', true]
  ] as const)('at the level %s: %s', (level, expected) => {
    expect(alarmOf(differing, level, 'k') !== null).toBe(expected);
  });

  it('is not given for a match', () => {
    expect(alarmOf(stateOf(sampleCheck(), false, 0), 'note', 'k')).toBeNull();
  });
});

describe('settings', () => {
  it('are taken as they are set', () => {
    const set = { lift: false, notify: 'error', cellMarkers: false, checkOnOpen: false };
    expect(parseSettings(set)).toEqual(set);
  });

  it('are as by default where they are not usable', () => {
    expect(parseSettings({ lift: 'no', notify: 'loud', checkOnOpen: 1 })).toEqual(DEFAULT_SETTINGS);
  });
});
