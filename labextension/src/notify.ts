/**
 * One notification when a notebook's environment differs: once a notebook, kernel and environment,
 * and never again for a notebook where the person does not want it.
 */
import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import { alarmOf } from './alarm';
import type { NotebookRepro } from './notebook';
import type { ReproTracker } from './tracker';

const MUTED_KEY = 'jupyter-repro:muted';

/** The oldest are forgotten. */
const MAX_MUTED = 500;

/**
 * Tells of differences in the notebooks of a tracker.
 *
 * @returns a function that takes the notification about a notebook away
 */
export function notifyDifferences(
  tracker: ReproTracker,
  showPanel: (notebook: NotebookRepro) => void,
  muted: Muted,
  trans: TranslationBundle
): (notebook: NotebookRepro) => void {
  const told = new Set<string>();
  const shown = new WeakMap<NotebookRepro, string>();
  const dismiss = (notebook: NotebookRepro): void => {
    const id = shown.get(notebook);
    if (id !== undefined) {
      Notification.dismiss(id);
      shown.delete(notebook);
    }
  };
  const look = async (notebook: NotebookRepro): Promise<void> => {
    // It may take a while: what is told is what holds afterwards
    const isMuted = await muted.has(notebook.path);
    if (notebook.isDisposed) {
      return;
    }
    const alarm = alarmOf(notebook.state, tracker.settings.notify);
    if (alarm === null) {
      if (notebook.state.kind === 'checked') {
        dismiss(notebook);
      }
      return;
    }
    const key = JSON.stringify([notebook.path, notebook.kernelId, alarm.snapshot.digest]);
    if (told.has(key)) {
      return;
    }
    told.add(key);
    if (isMuted) {
      return;
    }
    dismiss(notebook);
    const id = Notification.warning(`${notebook.name}: ${alarm.report.summary}`, {
      autoClose: false,
      actions: [
        {
          label: trans.__('Show differences'),
          displayType: 'accent',
          callback: () => showPanel(notebook)
        },
        {
          label: trans.__("Don't tell me again for this notebook"),
          callback: () => void muted.add(notebook.path)
        }
      ]
    });
    shown.set(notebook, id);
  };
  tracker.added.connect((_, notebook) => {
    notebook.changed.connect(() => void look(notebook));
    notebook.panel.disposed.connect(() => dismiss(notebook));
    void look(notebook);
  });
  return dismiss;
}

/** The notebooks that a person does not want to be told of, by path. */
export class Muted {
  /**
   * @param store - without one they are remembered until the page is left
   */
  constructor(private readonly store: IStateDB | null) {}

  async has(path: string): Promise<boolean> {
    return (await this.#load()).includes(path);
  }

  async add(path: string): Promise<void> {
    const others = (await this.#load()).filter(other => other !== path);
    const paths = [path, ...others].slice(0, MAX_MUTED);
    this.#paths = Promise.resolve(paths);
    await this.store?.save(MUTED_KEY, paths);
  }

  /** They are fetched once: a second answer would undo what was added meanwhile. */
  #load(): Promise<string[]> {
    this.#paths ??= this.#fetch().catch((error: unknown) => {
      this.#paths = null;
      throw error;
    });
    return this.#paths;
  }

  async #fetch(): Promise<string[]> {
    const stored: unknown = await this.store?.fetch(MUTED_KEY);
    return Array.isArray(stored)
      ? stored.filter((path): path is string => typeof path === 'string')
      : [];
  }

  #paths: Promise<string[]> | null = null;
}
