import * as React from 'react';

import { dateText, layerOf, plain, textOf, timeText } from '../formats';
import { checkedOf, type ReproState } from '../../notebook/model';
import { badgeOf, type Sides } from '../view';
import type { Words } from '../words';
import { Sign } from './Icons';

interface VerdictLineProps {
  readonly state: ReproState;
  readonly sides: Sides;
  readonly words: Words;
}

/** The verdict in words, and what was recorded: seed, when, in what, under which policy. */
export function VerdictLine({ state, sides, words }: VerdictLineProps) {
  const badge = badgeOf(state, words);
  if (!badge) {
    return null;
  }
  const { verdict, word, summary } = badge;
  return (
    <header className="jp-Repro-Verdict" data-verdict={verdict}>
      <div role="status">
        <h2>
          <Sign of={verdict} />
          <span>{word}</span>
        </h2>
        {summary && <p>{plain(summary, 1000)}</p>}
      </div>
      <Record state={state} sides={sides} words={words} />
    </header>
  );
}

function Record({ state, sides, words }: VerdictLineProps) {
  const { document, recorded, report } = sides;
  if (!recorded) {
    return null;
  }
  const seed = textOf(layerOf(recorded, 'determinism'), 'seed');
  const policy = report?.policy ?? document?.policy;
  const when = dateText(recorded.created);
  const where = placeOf(sides, words);
  const checked = checkedOf(state);
  return (
    <ul className="jp-Repro-Record">
      <li>{seed === null ? words.notSeeded : words.seed(seed)}</li>
      <li>
        <time dateTime={plain(recorded.created, 40)}>
          {where === '' ? words.recordedAt(when) : words.recordedIn(when, where)}
        </time>
      </li>
      {policy && <li>{words.policy(plain(policy, 60))}</li>}
      {checked && <li>{words.checkedAt(timeText(checked.at))}</li>}
    </ul>
  );
}

function placeOf({ recorded }: Sides, words: Words): string {
  const name = textOf(layerOf(recorded, 'conda'), 'name');
  const python = textOf(layerOf(recorded, 'core'), 'python');
  const platform = textOf(layerOf(recorded, 'system'), 'platform');
  const parts = [name && words.condaEnvironment(name), python && words.python(python), platform];
  return parts.filter(Boolean).join(', ');
}
