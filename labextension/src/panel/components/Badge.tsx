import * as React from 'react';

import { plain } from '../formats';
import { badgeOf } from '../view';
import type { ReproState } from '../../notebook/model';
import type { Words } from '../words';
import { Sign, Unseen } from './Icons';

interface BadgeProps {
  readonly state: ReproState;
  readonly words: Words;
  /** The word is for screen readers and the tooltip alone. */
  readonly small?: boolean;
  readonly onClick: () => void;
}

/** Icon, word and number of differences; opens the panel. */
export function Badge({ state, words, small = false, onClick }: BadgeProps) {
  const badge = badgeOf(state, words);
  if (!badge) {
    return null;
  }
  const { verdict, word, count, summary } = badge;
  return (
    <button
      type="button"
      className={`jp-Repro-Badge${small ? ' jp-mod-small' : ''}`}
      data-verdict={verdict}
      title={`${words.badge(plain(summary, 1000) || word)}\n${words.openPanel}`}
      onClick={onClick}
    >
      <Sign of={verdict} />
      <Unseen>{words.badge('')}</Unseen>{' '}
      <span className={small ? 'jp-Repro-Unseen' : undefined}>{word}</span>{' '}
      {count > 0 && (
        <>
          <span className="jp-Repro-Count" aria-hidden>
            {count}
          </span>
          <Unseen>{words.differencesFound(count)}</Unseen>
        </>
      )}
    </button>
  );
}
