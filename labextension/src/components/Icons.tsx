/** Signs beside words. Each has its own outline, so that none is told by its colour alone. */
import { h } from '../jsx';
import type { Severity, Verdict } from '../words';

const CIRCLE = 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z';
const TRIANGLE = 'M8 1.8L14.8 14H1.2z';
const OCTAGON = 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z';
const DIAMOND = 'M8 1l7 7-7 7-7-7z';

/** Outline, and what stands in it. */
type Paths = readonly [string, string];

const VERDICTS: Record<Verdict, Paths> = {
  match: [CIRCLE, 'M5 8.2l2.1 2.2L11 6'],
  drift: [TRIANGLE, 'M4.8 11.2c1.1-1.3 2.1-1.3 3.2-.3s2.1 1 3.2-.3'],
  mismatch: [OCTAGON, 'M4.8 6.6h6.4M4.8 9.4h6.4M9.8 4.4l-3.6 7.2'],
  'not comparable': [DIAMOND, 'M6.2 6.6a1.9 1.9 0 1 1 2.5 1.8c-.5.2-.7.5-.7 1M8 11.2v.2'],
  'not checked': [CIRCLE, 'M5.4 8h5.2']
};

const SEVERITIES: Record<Severity, Paths> = {
  error: [OCTAGON, 'M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8'],
  warning: [TRIANGLE, 'M8 6v4M8 11.9v.2'],
  note: [CIRCLE, 'M8 7.2v4M8 4.6v.2']
};

function Sign({ paths: [outline, mark] }: { paths: Paths }) {
  return (
    <svg className="jp-Repro-Sign" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={outline} />
      <path d={mark} />
    </svg>
  );
}

export function VerdictSign({ verdict }: { verdict: Verdict }) {
  return <Sign paths={VERDICTS[verdict]} />;
}

export function SeveritySign({ severity }: { severity: Severity }) {
  return <Sign paths={SEVERITIES[severity]} />;
}

export function Caret() {
  return (
    <svg className="jp-Repro-Caret" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d="M6 4l4 4-4 4" />
    </svg>
  );
}
