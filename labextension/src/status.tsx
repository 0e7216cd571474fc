/** The item in the status bar: icon, word and number of differences of the current notebook. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Badge } from './components/Badge';
import type { IReproActions, IReproModel, IReproSource } from './tokens';
import { createWords, type Words } from './words';

export class StatusItem extends ReactWidget {
  constructor(source: IReproSource, actions: IReproActions, trans: TranslationBundle) {
    super();
    this.#words = createWords(trans);
    this.#actions = actions;
    this.#source = source;
    this.addClass('jp-Repro-Status');
    source.currentChanged.connect(this.#follow, this);
    this.#follow();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#source.currentChanged.disconnect(this.#follow, this);
      this.#model?.changed.disconnect(this.#redraw, this);
    }
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <Badge
        state={this.#model?.state ?? { kind: 'no-notebook' }}
        words={this.#words}
        onClick={() => this.#actions.showPanel()}
      />
    );
  }

  #follow(): void {
    this.#model?.changed.disconnect(this.#redraw, this);
    this.#model = this.#source.current;
    this.#model?.changed.connect(this.#redraw, this);
    this.#redraw();
  }

  #redraw(): void {
    this.update();
  }

  readonly #source: IReproSource;
  readonly #actions: IReproActions;
  readonly #words: Words;
  #model: IReproModel | null = null;
}
