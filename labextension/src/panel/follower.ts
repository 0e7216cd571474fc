/** A widget that draws one notebook of a source, and follows it. */
import { ReactWidget } from '@jupyterlab/apputils';

import type { IReproModel, IReproSource } from '../notebook/tokens';

export abstract class Follower extends ReactWidget {
  constructor(source: IReproSource) {
    super();
    const redraw = (): void => this.redraw();
    const listen = (how: 'connect' | 'disconnect'): void => {
      this.model?.changed[how](redraw, this);
      this.model?.cellsChanged[how](redraw, this);
    };
    const follow = (): void => {
      listen('disconnect');
      this.model = source.current;
      listen('connect');
      redraw();
    };
    source.currentChanged.connect(follow, this);
    follow();
  }

  protected redraw(): void {
    this.update();
  }

  protected model: IReproModel | null = null;
}
