/** Signs beside words. Each has its own outline, so that none is told by its colour alone. */
import * as React from 'react';

import type { Outcome, Severity, Verdict } from '../words';

const CIRCLE = 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z';
const TRIANGLE = 'M8 1.8L14.8 14H1.2z';
const OCTAGON = 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z';
const DIAMOND = 'M8 1l7 7-7 7-7-7z';

/** Outline, and what stands in it. */
type Paths = readonly [string, string];

const TICK: Paths = [CIRCLE, 'M5 8.2l2.1 2.2L11 6'];
const WAVE = 'c1.1-1.3 2.1-1.3 3.2-.3s2.1 1 3.2-.3';
const UNEQUAL: Paths = [OCTAGON, 'M4.8 6.6h6.4M4.8 9.4h6.4M9.8 4.4l-3.6 7.2'];
const DASH: Paths = [CIRCLE, 'M5.4 8h5.2'];

const SIGNS: Record<Verdict | Severity | Outcome, Paths> = {
  match: TICK,
  drift: [TRIANGLE, `M4.8 11.2${WAVE}`],
  mismatch: UNEQUAL,
  'not comparable': [DIAMOND, 'M6.2 6.6a1.9 1.9 0 1 1 2.5 1.8c-.5.2-.7.5-.7 1M8 11.2v.2'],
  'not checked': DASH,
  'not present': [CIRCLE, 'M5 11l6-6'],
  error: [OCTAGON, 'M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8'],
  warning: [TRIANGLE, 'M8 6v4M8 11.9v.2'],
  note: [CIRCLE, 'M8 7.2v4M8 4.6v.2'],
  identical: TICK,
  'within tolerance': [CIRCLE, `M4.8 8.2${WAVE}`],
  different: UNEQUAL,
  'not run': DASH
};

/** The sign of a verdict, of a severity, or of a result's outcome. */
export function Sign({ of }: { of: keyof typeof SIGNS }) {
  return <Drawn name="Sign" paths={SIGNS[of]} />;
}

export function Caret() {
  return <Drawn name="Caret" paths={['M6 4l4 4-4 4']} />;
}

function Drawn({ name, paths }: { name: string; paths: readonly string[] }) {
  return (
    <svg className={`jp-Repro-${name}`} viewBox="0 0 16 16" aria-hidden focusable="false">
      {paths.map(path => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}

/** What a picture or a place tells the eye, in words for those who do not see it. */
export function Unseen({ children }: { children: React.ReactNode }) {
  return <span className="jp-Repro-Unseen">{children}</span>;
}
