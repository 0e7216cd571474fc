import * as React from 'react';

import { plain } from '../formats';
import type { CellEnvironment } from '../../notebook/model';
import { ENV_LENGTH } from '../../notebook/model';
import type { Sides } from '../view';
import type { Words } from '../words';
import { Group, grouped } from './Group';

interface CellsProps {
  readonly cells: readonly CellEnvironment[];
  readonly sides: Sides;
  readonly words: Words;
  readonly onCell: (id: string) => void;
}

const MAX_CELLS = 300;

/** Which cells' outputs were made in which environment. */
export function Cells({ cells, sides, words, onCell }: CellsProps) {
  // In the order in which the notebook meets them; what is not known comes last
  const groups = grouped(cells, ({ env }) => env).sort(
    ([a], [b]) => Number(a === null) - Number(b === null)
  );
  const known = groups.filter(([env]) => env !== null).length;
  if (known === 0) {
    return <p>{words.noStamps}</p>;
  }
  return (
    <>
      <p>{words.madeIn(known)}</p>
      {groups.map(([env, group]) => (
        <Group
          key={env ?? ''}
          title={environmentName(env, sides, words)}
          aside={words.cellNumbers(ranges(group), group.length)}
          className="jp-Repro-Cells"
        >
          {group.slice(0, MAX_CELLS).map(({ id, index, label }) => (
            <li key={id}>
              <button type="button" onClick={() => onCell(id)}>
                <span>{words.cellNumber(index + 1)}</span> <code>{plain(label, 80)}</code>
              </button>
            </li>
          ))}
          {group.length > MAX_CELLS && <li>{words.moreCells(group.length - MAX_CELLS)}</li>}
        </Group>
      ))}
    </>
  );
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
