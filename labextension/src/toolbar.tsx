/** The indicator in a notebook's toolbar. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Badge } from './components/Badge';
import type { IReproActions, IReproModel } from './tokens';
import { createWords, type Words } from './words';

export class ToolbarIndicator extends ReactWidget {
  constructor(model: IReproModel, actions: IReproActions, trans: TranslationBundle) {
    super();
    this.#model = model;
    this.#actions = actions;
    this.#words = createWords(trans);
    this.addClass('jp-Repro-Indicator');
    model.changed.connect(this.#redraw, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#model.changed.disconnect(this.#redraw, this);
    }
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <Badge
        small
        state={this.#model.state}
        words={this.#words}
        onClick={() => this.#actions.showPanel()}
      />
    );
  }

  #redraw(): void {
    this.update();
  }

  readonly #model: IReproModel;
  readonly #actions: IReproActions;
  readonly #words: Words;
}
