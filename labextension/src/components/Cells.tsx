import * as React from 'react';

import { Fragment, h } from '../jsx';
import { plain } from '../formats';
import type { CellEnvironment } from '../model';
import { ENV_LENGTH } from '../model';
import type { Sides } from '../view';
import type { Words } from '../words';

interface CellsProps {
  readonly cells: readonly CellEnvironment[];
  readonly sides: Sides;
  readonly words: Words;
  readonly onCell: (id: string) => void;
}

const MAX_CELLS = 300;

/** Which cells' outputs were made in which environment. */
export function Cells({ cells, sides, words, onCell }: CellsProps) {
  const groups = byEnvironment(cells);
  const known = [...groups.keys()].filter(env => env !== null).length;
  if (known === 0) {
    return <p>{words.noStamps}</p>;
  }
  return (
    <>
      <p>{known === 1 ? words.madeInOne : words.madeInSeveral(known)}</p>
      {[...groups].map(([env, group]) => (
        <Environment
          key={env ?? ''}
          title={environmentName(env, sides, words)}
          cells={group}
          words={words}
          onCell={onCell}
        />
      ))}
    </>
  );
}

interface EnvironmentProps {
  readonly title: string;
  readonly cells: readonly CellEnvironment[];
  readonly words: Words;
  readonly onCell: (id: string) => void;
}

function Environment({ title, cells, words, onCell }: EnvironmentProps) {
  const id = React.useId();
  const more = cells.length - MAX_CELLS;
  return (
    <>
      <h4 id={id} className="jp-Repro-GroupTitle">
        {title}
        <span className="jp-Repro-Aside">{words.cellNumbers(ranges(cells), cells.length)}</span>
      </h4>
      <ul className="jp-Repro-Cells" aria-labelledby={id}>
        {cells.slice(0, MAX_CELLS).map(cell => (
          <li key={cell.id}>
            <button type="button" onClick={() => onCell(cell.id)}>
              <span>{words.cellNumber(cell.index + 1)}</span> <code>{plain(cell.label, 80)}</code>
            </button>
          </li>
        ))}
        {more > 0 && <li>{words.moreCells(more)}</li>}
      </ul>
    </>
  );
}

/** Environments in the order in which the notebook meets them; what is not known comes last. */
function byEnvironment(cells: readonly CellEnvironment[]): Map<string | null, CellEnvironment[]> {
  const groups = new Map<string | null, CellEnvironment[]>();
  for (const cell of [...cells].sort((a, b) => Number(a.env === null) - Number(b.env === null))) {
    const group = groups.get(cell.env);
    if (group) {
      group.push(cell);
    } else {
      groups.set(cell.env, [cell]);
    }
  }
  return groups;
}

function environmentName(env: string | null, sides: Sides, words: Words): string {
  const is = (digest: string | undefined) => digest?.slice(0, ENV_LENGTH) === env;
  if (env === null) {
    return words.unknownEnvironment;
  }
  const id = plain(env.slice(0, 6), ENV_LENGTH);
  if (is(sides.recorded?.digest)) {
    return words.referenceEnvironment(id);
  }
  if (is(sides.document?.latest?.digest)) {
    return words.latestEnvironment(id);
  }
  return is(sides.live?.digest) ? words.liveEnvironment(id) : words.otherEnvironment(id);
}

/** Write positions as "1–4, 7". */
function ranges(cells: readonly CellEnvironment[]): string {
  const runs: [number, number][] = [];
  for (const { index } of cells) {
    const last = runs.at(-1);
    if (last?.[1] === index) {
      last[1] = index + 1;
    } else {
      runs.push([index + 1, index + 1]);
    }
  }
  const text = runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
  return plain(text, 120);
}
