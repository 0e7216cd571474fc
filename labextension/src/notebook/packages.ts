/**
 * The rows of the table of packages: asked of the kernel when the table is opened, and kept for as
 * long as what they compare stays the same. No JupyterLab import.
 */
import type { PackageRow } from '../protocol/_schema';
import { parsePackages } from '../protocol/parse';
import { checkedOf, type ReproState } from './model';

/** Null where the kernel cannot answer: none, a busy one, or a version that lacks the question. */
export type PackageAnswer = Promise<readonly PackageRow[] | null>;

/**
 * Returns a function that returns the rows for a state.
 *
 * @param ask - asks the kernel; null where it does not answer
 */
export function createPackages(
  ask: () => Promise<string | null>
): (state: ReproState) => PackageAnswer {
  let kept: { key: string; answer: PackageAnswer } | null = null;
  return state => {
    const key = keyOf(state);
    if (key === null) {
      return Promise.resolve(null);
    }
    if (kept?.key === key) {
      return kept.answer;
    }
    const answer = ask().then(parsePackages, () => null);
    const mine = { key, answer };
    kept = mine;
    // A kernel that could not answer is asked again at the next change
    void answer.then(rows => {
      if (rows === null && kept === mine) {
        kept = null;
      }
    });
    return answer;
  };
}

/** What the rows follow from; null where no kernel has answered. */
function keyOf(state: ReproState): string | null {
  const report = checkedOf(state)?.report;
  if (report) {
    return [report.policy, report.reference_digest, report.current_digest].join(' ');
  }
  return state.kind === 'nothing-recorded' ? state.snapshot.digest : null;
}
