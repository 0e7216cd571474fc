import * as React from 'react';

import type { ResultCheck } from '../../protocol/_schema';
import { plain } from '../formats';
import type { CellEnvironment } from '../../notebook/model';
import type { Words } from '../words';
import { CellLink } from './Buttons';
import { Values } from './Findings';
import { Sign } from './Icons';

interface ResultsProps {
  readonly results: readonly ResultCheck[];
  readonly cells: readonly CellEnvironment[];
  readonly words: Words;
  readonly onCell: (id: string) => void;
}

/** The named results as the kernel sorts them, worst first: outcome, both values, why, history. */
export function Results({ results, cells, words, onCell }: ResultsProps) {
  return (
    <ul className="jp-Repro-Findings">
      {results.map(({ name, outcome, reference, current, why, tolerance, ...rest }) => (
        <li key={name} className="jp-Repro-Finding" data-outcome={outcome}>
          <p className="jp-Repro-FindingHead">
            <Sign of={outcome} />
            <span>{words.outcome(outcome)}:</span>
            <strong>{plain(name, 120)}</strong>
            <span className="jp-Repro-Aside">{plain(tolerance ?? '')}</span>
            <CellLink
              cell={cells.find(({ id }) => id === rest.cell)}
              words={words}
              onCell={onCell}
            />
            {outcome === 'not run' ? (
              <code>{plain(reference)}</code>
            ) : (
              <Values reference={reference} current={current || null} words={words} />
            )}
          </p>
          {why && <p>{plain(why, 1000)}</p>}
          <Chart values={rest.values} band={rest.band} words={words} />
        </li>
      ))}
    </ul>
  );
}

/** Pixels. */
const WIDTH = 180;
const HEIGHT = 40;
const MARGIN = 5;

interface ChartProps {
  readonly values: readonly number[] | undefined;
  /** Lowest and highest that is within the tolerance. */
  readonly band: readonly number[] | undefined;
  readonly words: Words;
}

/** The values that a result has had as dots, the last one filled, over what its tolerance allows. */
function Chart({ values = [], band = [], words }: ChartProps) {
  // JSON may write a number that is too large for a float
  const points = values.filter(Number.isFinite);
  if (points.length < 2) {
    return null;
  }
  const [low = 0, high] = band.every(Number.isFinite) ? [...band].sort((a, b) => a - b) : [];
  const isBounded = high !== undefined;
  const all = isBounded ? [...points, low, high] : points;
  const bottom = Math.min(...all);
  // Halves, since the difference of two floats may be none
  const span = Math.max(...all) / 2 - bottom / 2 || 1;
  const y = (value: number): number =>
    HEIGHT - MARGIN - ((value / 2 - bottom / 2) / span) * (HEIGHT - 2 * MARGIN);
  const x = (place: number): number =>
    MARGIN + (place / (points.length - 1)) * (WIDTH - 2 * MARGIN);
  const told = words.values(points.join(', '));
  return (
    <svg
      className="jp-Repro-Chart"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={isBounded ? `${told} ${words.band(String(low), String(high))}` : told}
    >
      {isBounded && <rect y={y(high)} width={WIDTH} height={y(low) - y(high)} />}
      <polyline points={points.map((value, place) => [x(place), y(value)]).join(' ')} />
      {points.map((value, place) => (
        <circle key={place} cx={x(place)} cy={y(value)} r={2.5} />
      ))}
    </svg>
  );
}
