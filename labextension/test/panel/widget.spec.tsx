import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { BadgeItem } from '../../src/panel/badge';
import type { ReproState } from '../../src/notebook/model';
import { ReproPanel } from '../../src/panel/panel';
import type { IReproActions, IReproModel, IReproSource } from '../../src/notebook/tokens';
import { button, click } from '../support/mount';
import { checked, PLAIN, report } from '../support/drawing';

const TRANS = PLAIN as unknown as TranslationBundle;

class Notebook implements IReproModel {
  readonly changed: Signal<IReproModel, void> = new Signal<IReproModel, void>(this);
  readonly cellsChanged: Signal<IReproModel, void> = new Signal<IReproModel, void>(this);
  readonly cells = vi.fn(() => []);
  readonly packages = vi.fn(() => Promise.resolve(null));

  constructor(
    readonly name: string,
    public state: ReproState
  ) {}
}

class Front implements IReproSource {
  readonly currentChanged: Signal<IReproSource, IReproModel | null> = new Signal<
    IReproSource,
    IReproModel | null
  >(this);

  constructor(public current: IReproModel | null) {}

  change(model: IReproModel | null): void {
    this.current = model;
    this.currentChanged.emit(model);
  }
}

function actions() {
  const later = () => Promise.resolve();
  return {
    check: later,
    recordAgain: later,
    accept: vi.fn<IReproActions['accept']>(later),
    insertMagic: () => {},
    copyEnvironment: later,
    copyRestore: later,
    exportFiles: later,
    copy: later,
    showCell: () => {},
    showPanel: vi.fn<IReproActions['showPanel']>()
  };
}

/** Lumino draws in the next frame. */
async function drawn(change: () => void): Promise<void> {
  await act(async () => {
    change();
    await new Promise(resolve => requestAnimationFrame(resolve));
    await new Promise(resolve => {
      setTimeout(resolve);
    });
  });
}

const widgets: Widget[] = [];
afterEach(() => {
  act(() => widgets.splice(0).forEach(widget => widget.dispose()));
});

async function attach<T extends Widget>(widget: T): Promise<T> {
  widgets.push(widget);
  await drawn(() => Widget.attach(widget, document.body));
  return widget;
}

describe('the panel', () => {
  it('follows the notebook in front, and remembers what was open in each', async () => {
    const one = new Notebook('one.ipynb', checked());
    const two = new Notebook('two.ipynb', { kind: 'timeout', document: null });
    const source = new Front(one);
    const panel = await attach(new ReproPanel(source, actions(), TRANS));
    expect(panel.node.textContent).toContain('one.ipynb');
    await click(button(panel.node, 'Packages'));
    await drawn(() => {});
    expect(panel.node.querySelector('input[type=search]')).not.toBeNull();

    await drawn(() => source.change(two));
    expect(panel.node.textContent).toContain('did not answer');
    await drawn(() => source.change(null));
    expect(panel.node.textContent).toContain('Open a notebook');
    await drawn(() => source.change(one));
    expect(panel.node.querySelector('input[type=search]')).not.toBeNull();
  });

  it('draws a change, and nothing of a notebook that it has left', async () => {
    const one = new Notebook('one.ipynb', checked());
    const two = new Notebook('two.ipynb', checked());
    const source = new Front(one);
    const panel = await attach(new ReproPanel(source, actions(), TRANS));
    one.state = checked({ report: report({ verdict: 'match', findings: [] }) });
    await drawn(() => one.changed.emit());
    expect(panel.node.querySelector('h2')?.textContent).toBe('Matches');
    await drawn(() => source.change(two));
    one.cells.mockClear();
    await drawn(() => one.changed.emit());
    expect(one.cells).not.toHaveBeenCalled();
  });

  it('draws nothing while it is out of sight, and the newest when it comes back', async () => {
    const model = new Notebook('one.ipynb', checked());
    const panel = await attach(new ReproPanel(new Front(model), actions(), TRANS));
    await drawn(() => panel.hide());
    model.cells.mockClear();
    model.state = { kind: 'timeout', document: null };
    await drawn(() => model.changed.emit());
    expect(model.cells).not.toHaveBeenCalled();
    await drawn(() => panel.show());
    expect(panel.node.textContent).toContain('did not answer');
  });
});

describe('the status item', () => {
  it('follows the notebook in front, is empty without one, and opens the panel', async () => {
    const acts = actions();
    const model = new Notebook('one.ipynb', checked());
    const source = new Front(null);
    const item = await attach(new BadgeItem(source, acts, TRANS));
    expect(item.node.textContent).toBe('');
    await drawn(() => source.change(model));
    expect(item.node.textContent).toContain('Differs');
    await click(button(item.node, 'Differs'));
    expect(acts.showPanel).toHaveBeenCalledOnce();
    model.state = checked({ report: report({ verdict: 'match', findings: [] }) });
    await drawn(() => model.changed.emit());
    expect(item.node.textContent).toContain('Matches');
  });
});
