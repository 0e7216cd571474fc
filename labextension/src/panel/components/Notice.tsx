import * as React from 'react';

import { plain, timeText } from '../formats';
import type { ReproState } from '../../notebook/model';
import type { IReproActions } from '../../notebook/tokens';
import { MAGIC, type Words } from '../words';
import { Button, CopyButton } from './Buttons';

interface NoticeProps {
  readonly state: ReproState;
  readonly words: Words;
  readonly actions: IReproActions;
}

/** Why there is nothing to compare, in one sentence, with the button that helps. */
export function Notice({ state, words, actions }: NoticeProps) {
  const sentence = sentenceOf(state, words);
  if (sentence === null) {
    return null;
  }
  return (
    <div className="jp-Repro-Notice" role="status">
      <p>{sentence}</p>
      <Remedy state={state} words={words} actions={actions} />
    </div>
  );
}

function sentenceOf(state: ReproState, words: Words): string | null {
  switch (state.kind) {
    case 'busy':
      return state.last ? `${words.busy} ${words.busyLast(timeText(state.last.at))}` : words.busy;
    case 'not-python':
      return words.notPython(plain(state.language, 60));
    case 'outdated': {
      const kernel = state.kernel === null ? words.olderVersion : plain(state.kernel, 60);
      return words.outdated(state.which, kernel, state.extension);
    }
    case 'garbled':
      return words.garbled(plain(state.reason));
    case 'unreadable':
      return words.unreadable(plain(state.reason));
    case 'checked':
      return null;
    default:
      return words.sentence(state.kind);
  }
}

function Remedy({ state, words, actions }: NoticeProps) {
  const again = <Button label={words.checkNow} onClick={() => actions.check()} />;
  switch (state.kind) {
    case 'nothing-recorded':
      return (
        <Lines code={MAGIC}>
          {state.readOnly ? (
            <p>{words.readOnly}</p>
          ) : (
            <Button primary label={words.insertMagic} onClick={() => actions.insertMagic()} />
          )}
          {again}
        </Lines>
      );
    case 'not-installed':
      return (
        <Lines code={plain(state.command)}>
          <CopyButton
            label={words.copyCommand}
            done={words.copied}
            onCopy={() => actions.copy(state.command)}
          />
          {again}
        </Lines>
      );
    case 'not-asked':
    case 'outdated':
    case 'timeout':
    case 'garbled':
    case 'unreadable':
      return <Lines>{again}</Lines>;
    default:
      return null;
  }
}

/** Lines of code, and buttons that do something with them. */
function Lines({ code, children }: { code?: string; children: React.ReactNode }) {
  return (
    <>
      {code && <pre className="jp-Repro-Code">{code}</pre>}
      <div className="jp-Repro-Buttons">{children}</div>
    </>
  );
}
