/**
 * What is known about one notebook, as one value.
 *
 * Everything that draws reads this and nothing else. No JupyterLab import.
 */
import type { Check, Document, Overall, Report, ResultCheck, Snapshot } from '../protocol/_schema';
import { isEqual } from '../protocol/json';

/** Leading facts by layer, as the kernel phrased them. */
export type Facts = Record<string, string[]>;

/** The kernel's answer about a notebook that has something recorded. */
export interface Checked {
  document: Document;
  report: Report;
  /** The verdict on environment and results. */
  overall: Overall;
  /** The named results, worst first. */
  results: readonly ResultCheck[];
  /** The live kernel. */
  snapshot: Snapshot;
  facts: Facts;
  referenceFacts: Facts;
  /** What is not in force, as sentences. */
  notes: string[];
  /** The file cannot be written, so nothing was. */
  readOnly: boolean;
  /** When it was checked, milliseconds since the epoch. */
  at: number;
}

/** What a notebook holds although no kernel can answer for it. */
export interface Unchecked {
  /** What the metadata hold, where they are readable. */
  document: Document | null;
}

export type ReproState =
  | { kind: 'no-notebook' }
  | ({ kind: 'not-asked' } & Unchecked)
  | ({ kind: 'starting' } & Unchecked)
  | ({ kind: 'busy'; last: Checked | null } & Unchecked)
  | ({ kind: 'dead' } & Unchecked)
  | ({ kind: 'no-kernel' } & Unchecked)
  | ({ kind: 'not-python'; language: string } & Unchecked)
  | ({ kind: 'not-installed'; command: string } & Unchecked)
  | ({
      kind: 'outdated';
      which: 'kernel' | 'extension';
      /** Version in the kernel; null where it is too old to say. */
      kernel: string | null;
      extension: string;
    } & Unchecked)
  | ({ kind: 'timeout' } & Unchecked)
  | ({ kind: 'garbled'; reason: string } & Unchecked)
  | { kind: 'unreadable'; reason: string; snapshot: Snapshot | null; facts: Facts }
  | {
      kind: 'nothing-recorded';
      snapshot: Snapshot;
      facts: Facts;
      notes: string[];
      readOnly: boolean;
    }
  | ({ kind: 'checked' } & Checked);

/** The environment that a code cell's outputs were made in. */
export interface CellEnvironment {
  id: string;
  /** Position among all cells of the notebook, from 0. */
  index: number;
  /** First line of its source, for people to find it. */
  label: string;
  /** First 12 digits of the environment's digest; null where none is known. */
  env: string | null;
}

export interface Settings {
  /** Write what the kernel records into the notebook. */
  lift: boolean;
  /** The lowest severity that is told in a notification. */
  notify: 'error' | 'warning' | 'note' | 'never';
  cellMarkers: boolean;
  checkOnOpen: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  lift: true,
  notify: 'warning',
  cellMarkers: true,
  checkOnOpen: true
};

/** Digits of the digest in a cell's stamp. */
export const ENV_LENGTH = 12;

/** Returns the state that an answer of the kernel makes. */
export function stateOf(check: Check, readOnly: boolean, at: number): ReproState {
  const { snapshot, facts } = check;
  const notes = check.notes ?? [];
  if (check.problem != null) {
    return { kind: 'unreadable', reason: check.problem, snapshot, facts };
  }
  if (check.document == null || check.report == null) {
    return { kind: 'nothing-recorded', snapshot, facts, notes, readOnly };
  }
  const { report } = check;
  return {
    kind: 'checked',
    document: check.document,
    report,
    // A kernel of an older version knows the environment's alone
    overall: check.overall ?? { ...report, differences: report.findings.length },
    results: check.results ?? [],
    snapshot,
    facts,
    referenceFacts: check.reference_facts ?? {},
    notes,
    readOnly,
    at
  };
}

/** Returns the answer that a state still shows, if any. */
export function checkedOf(state: ReproState): Checked | null {
  if (state.kind === 'checked') {
    return state;
  }
  return state.kind === 'busy' ? state.last : null;
}

/** Returns what the notebook has recorded, as far as the state knows it. */
export function documentOf(state: ReproState): Document | null {
  switch (state.kind) {
    case 'no-notebook':
    case 'unreadable':
    case 'nothing-recorded':
      return null;
    default:
      return state.document;
  }
}

/**
 * Whether two states are drawn the same: every answer has another time, and that of a snapshot
 * says nothing about the environment.
 */
export function isSameState(a: ReproState, b: ReproState): boolean {
  return isEqual(withoutTimes(a), withoutTimes(b));
}

function withoutTimes(state: ReproState): unknown {
  if (state.kind !== 'checked' && state.kind !== 'nothing-recorded') {
    return state;
  }
  return { ...state, snapshot: { ...state.snapshot, created: '' }, at: 0 };
}
