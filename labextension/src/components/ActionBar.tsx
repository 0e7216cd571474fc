import * as React from 'react';

import { dateText } from '../formats';
import type { ReproState } from '../model';
import type { Change, PanelActions, Sides } from '../view';
import type { Words } from '../words';
import { Button, CopyButton } from './Buttons';

interface ActionBarProps {
  readonly state: ReproState;
  readonly sides: Sides;
  readonly accepting: boolean;
  readonly words: Words;
  readonly actions: PanelActions;
  readonly onView: Change;
}

/** The buttons for a notebook that has something recorded and a kernel that answered. */
export function ActionBar({ state, sides, accepting, words, actions, onView }: ActionBarProps) {
  const check = React.useRef<HTMLButtonElement>(null);
  const accept = React.useRef<HTMLButtonElement>(null);
  if (state.kind !== 'checked') {
    return null;
  }
  const close = (next: React.RefObject<HTMLButtonElement>) => {
    onView({ accepting: false });
    next.current?.focus();
  };
  return (
    <>
      <div className="jp-Repro-Buttons" role="group" aria-label={words.actions()}>
        <Button ref={check} primary label={words.checkNow()} onClick={actions.check} />
        {!state.readOnly && (
          <>
            <Button
              label={words.recordAgain()}
              title={words.recordAgainMeaning()}
              onClick={actions.recordAgain}
            />
            {state.report.verdict !== 'match' && (
              <Button
                ref={accept}
                label={words.accept()}
                onClick={() => onView({ accepting: true })}
              />
            )}
          </>
        )}
        <CopyButton
          label={words.copyEnvironment()}
          done={words.copied()}
          onCopy={actions.copyEnvironment}
        />
      </div>
      {accepting && !state.readOnly && state.report.verdict !== 'match' && (
        <AcceptQuestion
          sides={sides}
          words={words}
          onCancel={() => close(accept)}
          onConfirm={() => {
            // The button that asked goes when everything matches
            close(check);
            actions.accept();
          }}
        />
      )}
    </>
  );
}

interface AcceptQuestionProps {
  readonly sides: Sides;
  readonly words: Words;
  readonly onCancel: () => void;
  readonly onConfirm: () => void;
}

function AcceptQuestion({ sides, words, onCancel, onConfirm }: AcceptQuestionProps) {
  const id = React.useId();
  const cancel = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => cancel.current?.focus(), []);
  const when = dateText(sides.recorded?.created ?? '');
  return (
    <div
      className="jp-Repro-Question"
      role="alertdialog"
      aria-labelledby={`${id}title`}
      aria-describedby={`${id}loss`}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onCancel();
        }
      }}
    >
      <h3 id={`${id}title`}>{words.acceptTitle()}</h3>
      <div id={`${id}loss`}>
        <p>{words.acceptLoss(when, sides.report?.findings.length ?? 0)}</p>
        <p>{words.acceptOutputs()}</p>
      </div>
      <div className="jp-Repro-Buttons">
        <Button ref={cancel} label={words.cancel()} onClick={onCancel} />
        <Button danger label={words.acceptConfirm()} onClick={onConfirm} />
      </div>
    </div>
  );
}
