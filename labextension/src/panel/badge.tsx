/** Icon, word and number of differences: in the status bar, and in a notebook's toolbar. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { Badge } from './components/Badge';
import { Follower } from './follower';
import type { IReproActions, IReproModel, IReproSource } from '../notebook/tokens';
import { createWords, type Words } from './words';

export class BadgeItem extends Follower {
  /**
   * @param source - of the notebook that it tells of
   * @param small - the word is left to the tooltip
   */
  constructor(
    source: IReproSource,
    actions: IReproActions,
    trans: TranslationBundle,
    private readonly small = false
  ) {
    super(source);
    this.#words = createWords(trans);
    this.#actions = actions;
    this.addClass(small ? 'jp-Repro-Indicator' : 'jp-Repro-Status');
  }

  protected override render(): React.JSX.Element {
    return (
      <Badge
        small={this.small}
        state={this.model?.state ?? { kind: 'no-notebook' }}
        words={this.#words}
        onClick={() => this.#actions.showPanel()}
      />
    );
  }

  readonly #actions: IReproActions;
  readonly #words: Words;
}

/** Returns a source that has the same notebook for ever. */
export function always(model: IReproModel): IReproSource {
  return { current: model, currentChanged: new Signal<unknown, IReproModel | null>(model) };
}
