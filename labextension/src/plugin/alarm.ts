/** Decides what is worth a notification. No JupyterLab import. */
import type { ReproState, Settings } from '../notebook/model';
import { SEVERITIES } from '../panel/words';

/** What is told of a notebook: the verdict's sentence, and what of it is told once. */
export interface Alarm {
  readonly text: string;
  /** The environment, and each result with its value. */
  readonly once: readonly unknown[];
}

/** Returns what is to be told of a state, or null. */
export function alarmOf(
  state: ReproState,
  level: Settings['notify'],
  kernel: string | null
): Alarm | null {
  if (state.kind !== 'checked' || level === 'never') {
    return null;
  }
  const { overall, report, results, snapshot } = state;
  const isTold =
    report.verdict !== 'match' &&
    report.findings.some(
      ({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level)
    );
  const once = [
    ...(isTold ? [[kernel, snapshot.digest]] : []),
    ...results.filter(({ fails }) => fails).map(({ name, current }) => [name, current])
  ];
  return once.length > 0 ? { text: overall.summary, once } : null;
}
