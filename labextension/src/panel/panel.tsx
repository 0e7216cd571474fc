/**
 * The panel in the right area: it follows the current notebook and draws what its model says.
 *
 * It is drawn in the task in which the answer arrives. Left to React's and Lumino's schedules, it would
 * appear one or two frames later.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type Message, MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import { flushSync } from 'react-dom';

import { Panel } from './components/Panel';
import { Follower } from './follower';
import { reproIcon } from './icons';
import type { IReproActions, IReproModel, IReproSource } from '../notebook/tokens';
import { FIRST_VIEW, type View } from './view';
import { createWords, type Words } from './words';

export class ReproPanel extends Follower {
  constructor(source: IReproSource, actions: IReproActions, trans: TranslationBundle) {
    super(source);
    this.#words = createWords(trans);
    this.#actions = actions;
    this.id = 'jupyter-repro-panel';
    this.addClass('jp-Repro-Panel');
    this.title.icon = reproIcon;
    this.title.caption = this.#words.panelTitle;
  }

  protected override render(): React.JSX.Element {
    const model = this.model;
    return (
      <Panel
        name={model?.name ?? ''}
        state={model?.state ?? { kind: 'no-notebook' }}
        cells={model?.cells() ?? []}
        view={this.#view()}
        words={this.#words}
        actions={this.#actions}
        packages={model?.packages}
        onView={change => {
          if (model) {
            this.#views.set(model, { ...this.#view(), ...change });
            this.update();
          }
        }}
      />
    );
  }

  /** Whoever opens it by the keyboard goes on in it. */
  protected override onActivateRequest(): void {
    this.node.tabIndex = -1;
    this.node.focus();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  #view(): View {
    return (this.model && this.#views.get(this.model)) ?? FIRST_VIEW;
  }

  /** What is out of sight is drawn when it is shown again; what is in sight, for the next frame. */
  protected override redraw(): void {
    if (this.isVisible) {
      flushSync(() => MessageLoop.sendMessage(this, Widget.Msg.UpdateRequest));
    }
  }

  readonly #actions: IReproActions;
  readonly #words: Words;
  /** What is open and searched, by notebook; it goes when the notebook is closed. */
  readonly #views = new WeakMap<IReproModel, View>();
}
