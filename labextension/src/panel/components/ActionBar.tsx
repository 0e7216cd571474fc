import * as React from 'react';

import type { ReproState } from '../../notebook/model';
import type { IReproActions } from '../../notebook/tokens';
import type { Words } from '../words';
import { Button, CopyButton } from './Buttons';

interface ActionBarProps {
  readonly state: ReproState;
  readonly words: Words;
  readonly actions: IReproActions;
}

/** The buttons for a notebook that has something recorded and a kernel that answered. */
export function ActionBar({ state, words, actions }: ActionBarProps) {
  if (state.kind !== 'checked') {
    return null;
  }
  return (
    <div className="jp-Repro-Buttons" role="group" aria-label={words.actions}>
      <Button primary label={words.checkNow} onClick={() => actions.check()} />
      {!state.readOnly && (
        <>
          <Button
            label={words.recordAgain}
            title={words.recordAgainMeaning}
            onClick={() => void actions.recordAgain()}
          />
          {(state.report.verdict !== 'match' || state.overall.differences > 0) && (
            <Button label={words.accept} onClick={() => void actions.accept()} />
          )}
        </>
      )}
      <CopyButton
        label={words.copyEnvironment}
        done={words.copied}
        onCopy={() => actions.copyEnvironment()}
      />
      <Button label={words.exportFiles} onClick={() => void actions.exportFiles()} />
      <CopyButton
        label={words.copyRestore}
        done={words.copied}
        onCopy={() => actions.copyRestore()}
      />
    </div>
  );
}
