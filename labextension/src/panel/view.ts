/**
 * What of a notebook's state is drawn, and what the person has opened, searched and filtered.
 *
 * A view belongs to one notebook and is kept while another one is in front.
 */
import type { Document, Overall, Report, Snapshot } from '../protocol/_schema';
import { checkedOf, documentOf, type Facts, type ReproState } from '../notebook/model';
import type { PackageQuery } from './packages';
import { SEVERITIES, type Severity, type Words } from './words';

export type SectionName = 'stack' | 'results' | 'differences' | 'run' | 'packages' | 'cells';

export interface View {
  readonly sections: Readonly<Record<SectionName, boolean>>;
  /** Layers whose details are open. */
  readonly layers: readonly string[];
  readonly severities: readonly Severity[];
  readonly groupBy: 'severity' | 'layer';
  /** How many differences are shown before the person asks for more. */
  readonly limit: number;
  readonly query: PackageQuery;
}

export type Change = (change: Partial<View>) => void;

export const FIRST_QUERY: PackageQuery = {
  text: '',
  sort: 'name',
  descending: false,
  usedFirst: true,
  onlyDifferent: false
};

export const FIRST_VIEW: View = {
  sections: {
    stack: true,
    results: true,
    differences: true,
    run: true,
    packages: false,
    cells: false
  },
  layers: [],
  severities: SEVERITIES,
  groupBy: 'severity',
  limit: 100,
  query: FIRST_QUERY
};

/** The two sides of the picture; either may be missing. */
export interface Sides {
  readonly document: Document | null;
  readonly recorded: Snapshot | null;
  readonly live: Snapshot | null;
  readonly recordedFacts: Facts | null;
  readonly liveFacts: Facts | null;
  readonly report: Report | null;
}

/** Return what a state has to show of the recorded and of the live stack. */
export function sidesOf(state: ReproState): Sides {
  const checked = checkedOf(state);
  if (checked) {
    return {
      document: checked.document,
      recorded: checked.document.reference,
      live: checked.snapshot,
      recordedFacts: checked.referenceFacts,
      liveFacts: checked.facts,
      report: checked.report
    };
  }
  const document = documentOf(state);
  const alive = state.kind === 'nothing-recorded' || state.kind === 'unreadable' ? state : null;
  return {
    document,
    recorded: document?.reference ?? null,
    live: alive?.snapshot ?? null,
    recordedFacts: null,
    liveFacts: alive?.facts ?? null,
    report: null
  };
}

/** The state in a word, for the status bar, the toolbar and the panel's head. */
export interface Badge {
  readonly verdict: Overall['verdict'];
  readonly word: string;
  /** Differences; 0 where there are none or nothing was compared. */
  readonly count: number;
  /** Which part it is, as the kernel phrased it. */
  readonly summary: string;
}

/** Return the badge of a state; null where there is no notebook. */
export function badgeOf(state: ReproState, words: Words): Badge | null {
  if (state.kind === 'no-notebook') {
    return null;
  }
  const {
    verdict = 'not checked',
    differences: count = 0,
    summary = ''
  }: Partial<Overall> = checkedOf(state)?.overall ?? {};
  const word =
    state.kind === 'nothing-recorded' ? words.nothingRecordedTitle : words.verdict(verdict);
  return { verdict, word, count, summary };
}
