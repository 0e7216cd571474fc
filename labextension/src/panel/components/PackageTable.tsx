import * as React from 'react';

import type { PackageRow, Snapshot } from '../../protocol/_schema';
import type { ReproState } from '../../notebook/model';
import type { PackageAnswer } from '../../notebook/packages';
import { plain } from '../formats';
import {
  listedRows,
  queryRows,
  rowsOf,
  type PackageQuery,
  type PackageSource,
  type SortKey
} from '../packages';
import type { Words } from '../words';
import { WindowedList } from './WindowedList';

interface PackageTableProps {
  readonly recorded: Snapshot | null;
  readonly live: Snapshot | null;
  readonly source: PackageSource;
  readonly query: PackageQuery;
  readonly words: Words;
  readonly onQuery: (query: PackageQuery) => void;
}

/** Pixels; the style sheet gives a row the same. */
const ROW_HEIGHT = 24;
const MAX_HEIGHT = 336;

export type AskPackages = () => PackageAnswer;

/** How the tables of a notebook ask for their rows, anew for each of its states. */
export const PackagesContext = React.createContext<{
  readonly ask: AskPackages | undefined;
  readonly state: ReproState | null;
}>({ ask: undefined, state: null });

/** Returns the rows from the kernel; null where it cannot answer, undefined until it has. */
function usePackages(): readonly PackageRow[] | null | undefined {
  const context = React.useContext(PackagesContext);
  const [rows, setRows] = React.useState<readonly PackageRow[] | null | undefined>(
    context.ask ? undefined : null
  );
  React.useEffect(() => {
    let isCurrent = true;
    void context.ask?.().then(found => {
      if (isCurrent) {
        setRows(found);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [context]);
  return rows;
}

/**
 * Packages of both sides, searched and sorted; only the rows in sight are drawn.
 *
 * The search box is there at once: a person who opens the section with the keyboard goes on to it
 * before the kernel has answered.
 */
export function PackageTable(props: PackageTableProps) {
  const { recorded, live, source, query, words, onQuery } = props;
  const found = usePackages();
  const all = React.useMemo(
    () => (found ? rowsOf(found, source) : listedRows(recorded ?? live, source)),
    [found, recorded, live, source]
  );
  const rows = React.useMemo(() => queryRows(all, query), [all, query]);
  if (found !== undefined && all.length === 0) {
    return <p>{words.noPackages}</p>;
  }
  const both = Boolean(found) && recorded !== null && live !== null;
  const columns: [SortKey, string][] = [['name', words.packageName]];
  if (found && recorded) {
    columns.push(['recorded', words.recorded]);
  }
  if (found && live) {
    columns.push(['current', words.here]);
  }
  if (found) {
    columns.push(['origin', words.origin]);
  }
  return (
    <div className="jp-Repro-Packages">
      {found === null && recorded && <p>{words.packagesNotChecked}</p>}
      <PackageTools {...props} both={both} shown={rows.length} all={all.length} />
      {found === undefined ? (
        <p>{words.packagesAsked}</p>
      ) : rows.length === 0 ? (
        <p>{words.noneFound}</p>
      ) : (
        <div
          className={both ? 'jp-Repro-Table jp-mod-both' : 'jp-Repro-Table'}
          role="table"
          aria-label={words.packages}
          aria-rowcount={rows.length + 1}
        >
          <div role="rowgroup">
            <div role="row" aria-rowindex={1} className="jp-Repro-Row jp-mod-head">
              {columns.map(([key, title]) => (
                <SortHeader key={key} column={key} title={title} query={query} onQuery={onQuery} />
              ))}
            </div>
          </div>
          <WindowedList
            count={rows.length}
            rowHeight={ROW_HEIGHT}
            maxHeight={MAX_HEIGHT}
            label={words.packages}
            row={index => {
              const entry = rows[index];
              return (
                entry && (
                  <PackageLine
                    key={index}
                    entry={entry}
                    index={index}
                    both={both}
                    columns={columns}
                    words={words}
                  />
                )
              );
            }}
          />
        </div>
      )}
    </div>
  );
}

interface PackageToolsProps extends PackageTableProps {
  readonly both: boolean;
  readonly shown: number;
  readonly all: number;
}

function PackageTools({ query, words, onQuery, both, shown, all }: PackageToolsProps) {
  const box = (name: 'usedFirst' | 'onlyDifferent') => (
    <label>
      <input
        type="checkbox"
        checked={query[name]}
        onChange={event => onQuery({ ...query, [name]: event.target.checked })}
      />
      {words[name]}
    </label>
  );
  return (
    <div className="jp-Repro-Tools" role="search">
      <input
        type="search"
        className="jp-Repro-Input"
        aria-label={words.search}
        placeholder={words.search}
        spellCheck={false}
        value={query.text}
        onChange={event => onQuery({ ...query, text: event.target.value })}
      />
      {box('usedFirst')}
      {both && box('onlyDifferent')}
      <span className="jp-Repro-Aside" role="status">
        {words.packageCount(shown, all)}
      </span>
    </div>
  );
}

interface SortHeaderProps {
  readonly column: SortKey;
  readonly title: string;
  readonly query: PackageQuery;
  readonly onQuery: (query: PackageQuery) => void;
}

function SortHeader({ column, title, query, onQuery }: SortHeaderProps) {
  const sorted = query.sort === column;
  return (
    <span
      role="columnheader"
      className={`jp-mod-${column}`}
      aria-sort={sorted ? (query.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        onClick={() => onQuery({ ...query, sort: column, descending: sorted && !query.descending })}
      >
        {title}
        {sorted && <span aria-hidden>{query.descending ? ' ▾' : ' ▴'}</span>}
      </button>
    </span>
  );
}

interface PackageLineProps {
  readonly entry: PackageRow;
  readonly index: number;
  readonly both: boolean;
  readonly columns: readonly [SortKey, string][];
  readonly words: Words;
}

function PackageLine({ entry, index, both, columns, words }: PackageLineProps) {
  const shown = (column: SortKey) => plain(entry[column] ?? '–', 120);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`jp-Repro-Row${entry.differs ? ' jp-mod-differs' : ''}`}
    >
      {columns.map(([column]) => (
        <span
          key={column}
          role={column === 'name' ? 'rowheader' : 'cell'}
          className={`jp-mod-${column}`}
          title={shown(column)}
        >
          {column === 'current' && entry.differs && <Unequal words={words} />}
          {column === 'current' && both && entry.differs == null && <NotChecked words={words} />}
          {shown(column)}
          {column === 'name' && entry.used && <UsedTag words={words} />}
        </span>
      ))}
    </div>
  );
}

/** Beside a value that is not the recorded one. */
export function Unequal({ words }: { words: Words }) {
  return (
    <span className="jp-Repro-Differs" role="img" aria-label={words.differs}>
      ≠
    </span>
  );
}

function NotChecked({ words }: { words: Words }) {
  const label = words.verdict('not checked');
  return (
    <span className="jp-Repro-Differs" role="img" aria-label={label} title={label}>
      ?
    </span>
  );
}

export function UsedTag({ words }: { words: Words }) {
  return (
    <span className="jp-Repro-Tag" title={words.usedMeaning}>
      {words.used}
    </span>
  );
}
