import { describe, expect, it } from 'vitest';

import { type Cause, type Circumstances, decide, type Decision } from '../../src/notebook/writing';

const CAUSES: Cause[] = [
  'own-cell',
  'served-cell',
  'other-cell',
  'command',
  'question',
  'cleared-outputs'
];

const CALM: Circumstances = {
  cause: 'own-cell',
  canWrite: true,
  hasWritten: false,
  isElected: false,
  isTypingInTools: false
};

/** cause, an own cell has written before, this client is elected → the decision */
const TABLE: [Cause, boolean, boolean, Decision][] = [
  ['own-cell', false, false, 'write'],
  ['own-cell', false, true, 'write'],
  ['own-cell', true, false, 'write'],
  ['own-cell', true, true, 'write'],
  ['served-cell', false, false, 'leave'],
  ['served-cell', false, true, 'write'],
  ['served-cell', true, false, 'leave'],
  ['served-cell', true, true, 'write'],
  ['other-cell', false, false, 'leave'],
  ['other-cell', false, true, 'leave'],
  ['other-cell', true, false, 'leave'],
  ['other-cell', true, true, 'leave'],
  ['command', false, false, 'write'],
  ['command', false, true, 'write'],
  ['command', true, false, 'write'],
  ['command', true, true, 'write'],
  ['question', false, false, 'leave'],
  ['question', false, true, 'leave'],
  ['question', true, false, 'write'],
  ['question', true, true, 'write'],
  ['cleared-outputs', false, false, 'write'],
  ['cleared-outputs', false, true, 'write'],
  ['cleared-outputs', true, false, 'write'],
  ['cleared-outputs', true, true, 'write']
];

describe('who may write', () => {
  it.each(TABLE)('%s, written before: %s, elected: %s → %s', (cause, hasWritten, isElected, is) => {
    const now = { ...CALM, cause, hasWritten, isElected };
    expect(decide(now)).toBe(is);
    expect(decide({ ...now, isTypingInTools: true })).toBe(is === 'write' ? 'wait' : 'leave');
  });

  it.each(CAUSES)('nobody, where the file or the settings say no: %s', cause => {
    const now = { ...CALM, cause, hasWritten: true, isElected: true };
    expect(decide({ ...now, canWrite: false })).toBe('leave');
    expect(decide({ ...now, canWrite: false, isTypingInTools: true })).toBe('leave');
  });
});
