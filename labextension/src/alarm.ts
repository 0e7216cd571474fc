/** Decides what is worth a notification. No JupyterLab import. */
import type { Report, ResultCheck } from './_schema';
import type { Checked, ReproState, Settings } from './model';

const RANKS: Record<Report['findings'][number]['severity'], number> = {
  error: 0,
  warning: 1,
  note: 2
};

/** Returns what is to be told of a state, or null. */
export function alarmOf(state: ReproState, level: Settings['notify']): Checked | null {
  if (state.kind !== 'checked' || level === 'never') {
    return null;
  }
  const { verdict, findings } = state.report;
  if (verdict === 'match') {
    return null;
  }
  return findings.some(({ severity }) => RANKS[severity] <= RANKS[level]) ? state : null;
}

/** Returns the results that have left their tolerance, where somebody wants to be told. */
export function strayResults(state: ReproState, level: Settings['notify']): ResultCheck[] {
  return state.kind === 'checked' && level !== 'never'
    ? state.results.filter(({ outcome }) => outcome === 'different')
    : [];
}
