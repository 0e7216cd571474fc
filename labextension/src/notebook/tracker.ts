/** The open notebooks, and which of them the person works in. */
import {
  type INotebookTracker,
  type Notebook,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import { DEFAULT_SETTINGS, type Settings } from './model';
import { NotebookRepro, type Surroundings } from './notebook';
import type { IReproSource } from './tokens';

export class ReproTracker implements IReproSource, Surroundings {
  /**
   * @param ready - the settings are known: until then no kernel is asked
   */
  constructor(notebooks: INotebookTracker, ready: Promise<unknown>) {
    this.#notebooks = notebooks;
    this.#ready = ready;
    notebooks.widgetAdded.connect((_, panel) => void this.#add(panel));
    notebooks.currentChanged.connect(() => this.#select());
    notebooks.forEach(panel => void this.#add(panel));
    NotebookActions.executed.connect((_, { notebook, cell }) => {
      this.#of(notebook)?.onExecuted(cell.model);
    });
    NotebookActions.outputCleared.connect((_, { notebook, cell }) => {
      this.#of(notebook)?.onCleared(cell.model);
    });
  }

  get current(): NotebookRepro | null {
    return this.#current;
  }

  readonly currentChanged = new Signal<this, NotebookRepro | null>(this);
  /** A notebook was opened and can be listened to. */
  readonly added = new Signal<this, NotebookRepro>(this);
  readonly settingsChanged = new Signal<this, void>(this);

  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#settings = settings;
    this.settingsChanged.emit();
  }

  [Symbol.iterator](): Iterator<NotebookRepro> {
    return this.#all.values();
  }

  /** Calls back with the notebook of a panel, as soon as it can be listened to. */
  whenAdded(panel: NotebookPanel, then: (notebook: NotebookRepro) => void): void {
    const found = this.#all.get(panel);
    if (found !== undefined) {
      then(found);
      return;
    }
    const onAdded = (_: unknown, notebook: NotebookRepro): void => {
      if (notebook.panel === panel) {
        this.added.disconnect(onAdded);
        then(notebook);
      }
    };
    this.added.connect(onAdded);
    panel.disposed.connect(() => this.added.disconnect(onAdded));
  }

  isAlone(notebook: NotebookRepro): boolean {
    return ![...this].some(other => other !== notebook && other.kernelId === notebook.kernelId);
  }

  #of(notebook: Notebook): NotebookRepro | undefined {
    return [...this].find(({ panel }) => panel.content === notebook);
  }

  async #add(panel: NotebookPanel): Promise<void> {
    await Promise.all([panel.context.ready, this.#ready]);
    if (panel.isDisposed || this.#all.has(panel)) {
      return;
    }
    const repro = new NotebookRepro(panel, this);
    this.#all.set(panel, repro);
    panel.disposed.connect(() => {
      repro.dispose();
      this.#all.delete(panel);
      this.#select();
    });
    this.added.emit(repro);
    this.#select();
  }

  #select(): void {
    const panel = this.#notebooks.currentWidget;
    const current = (panel && this.#all.get(panel)) ?? null;
    if (current !== this.#current) {
      this.#current = current;
      this.currentChanged.emit(current);
    }
  }

  readonly #notebooks: INotebookTracker;
  readonly #ready: Promise<unknown>;
  #current: NotebookRepro | null = null;
  #settings = DEFAULT_SETTINGS;
  readonly #all = new Map<NotebookPanel, NotebookRepro>();
}
