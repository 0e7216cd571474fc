import * as React from 'react';

import type { Snapshot } from '../../protocol/_schema';
import { layerOf, MAX_ROWS, sideBySide, type Row } from '../formats';
import { FIRST_QUERY } from '../view';
import type { Words } from '../words';
import { PackageTable, Unequal } from './PackageTable';

interface LayerDetailProps {
  readonly name: string;
  readonly recorded: Snapshot | null;
  readonly live: Snapshot | null;
  readonly words: Words;
}

/** What a layer holds, recorded and live side by side; where only one is known, that one. */
export function LayerDetail({ name, recorded, live, words }: LayerDetailProps) {
  const rows = React.useMemo(
    () => sideBySide(layerOf(recorded, name), layerOf(live, name), words),
    [name, recorded, live, words]
  );
  const packages = name === 'packages' || name === 'conda';
  if (rows.length === 0 && !packages) {
    return <p>{words.nothingToShow}</p>;
  }
  return (
    <>
      {rows.length > 0 && (
        <Facts
          rows={rows}
          label={words.details(words.layer(name))}
          recorded={recorded !== null}
          live={live !== null}
          words={words}
        />
      )}
      {packages && <LayerPackages name={name} recorded={recorded} live={live} words={words} />}
    </>
  );
}

function LayerPackages({ name, recorded, live, words }: LayerDetailProps) {
  const [query, setQuery] = React.useState(FIRST_QUERY);
  return (
    <PackageTable
      recorded={recorded}
      live={live}
      source={name === 'conda' ? 'conda' : 'packages'}
      query={query}
      words={words}
      onQuery={setQuery}
    />
  );
}

interface FactsProps {
  readonly rows: readonly Row[];
  readonly label: string;
  readonly recorded: boolean;
  readonly live: boolean;
  readonly words: Words;
}

function Facts({ rows, label, recorded, live, words }: FactsProps) {
  const both = recorded && live;
  const left = rows.length - MAX_ROWS;
  return (
    <>
      <div className={`jp-Repro-Grid${both ? ' jp-mod-both' : ''}`} role="table" aria-label={label}>
        <div role="row" className="jp-Repro-GridHead">
          <span role="columnheader">{words.property}</span>
          {recorded && <span role="columnheader">{words.recorded}</span>}
          {live && <span role="columnheader">{words.here}</span>}
        </div>
        {rows.slice(0, MAX_ROWS).map(row => (
          <div role="row" key={row.key} className={both && differs(row) ? 'jp-mod-differs' : ''}>
            <span role="rowheader">{row.key}</span>
            {recorded && <Value text={row.recorded} words={words} />}
            {live && <Value text={row.live} words={words} differs={both && differs(row)} />}
          </div>
        ))}
      </div>
      {left > 0 && <p>{words.rowsLeftOut(left)}</p>}
    </>
  );
}

function differs(row: Row): boolean {
  return row.recorded !== row.live;
}

interface ValueProps {
  readonly text: string | null;
  readonly words: Words;
  readonly differs?: boolean;
}

function Value({ text, words, differs: different = false }: ValueProps) {
  return (
    <span role="cell" className="jp-Repro-Value">
      {different && <Unequal words={words} />}
      {text ?? '–'}
    </span>
  );
}
