/**
 * Notifies the user of differences: once for each kernel and environment that differs, and once for
 * each value of a result outside its tolerance. The user can mute a notebook.
 */
import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import { alarmOf } from './alarm';
import { plain } from '../panel/formats';
import { createWords } from '../panel/words';
import type { NotebookRepro } from '../notebook/notebook';
import type { ReproTracker } from '../notebook/tracker';
import { strings } from '../protocol/validate';

const MUTED_KEY = 'jupyter-repro:muted';

/** The oldest are forgotten. */
const MAX_MUTED = 500;

/**
 * Notifies the user of differences in the notebooks of a tracker.
 *
 * @returns a function that takes the notification about a notebook away
 */
export function notifyDifferences(
  tracker: ReproTracker,
  showPanel: (notebook: NotebookRepro) => void,
  muted: Muted,
  trans: TranslationBundle
): (notebook: NotebookRepro) => void {
  const words = createWords(trans);
  const told = new Set<string>();
  const shown = new WeakMap<NotebookRepro, { id: string; text: string }>();
  const dismiss = (notebook: NotebookRepro): void => {
    const last = shown.get(notebook);
    if (last) {
      Notification.dismiss(last.id);
      shown.delete(notebook);
    }
  };
  const tell = (notebook: NotebookRepro, isMuted: boolean): void => {
    const alarm = alarmOf(notebook.state, tracker.settings.notify, notebook.kernelId);
    if (alarm === null) {
      dismiss(notebook);
      return;
    }
    const text = plain(alarm.text, 1000);
    const keys = alarm.once.map(key => JSON.stringify([notebook.path, key]));
    const isNew = keys.some(key => !told.has(key));
    keys.forEach(key => told.add(key));
    const last = shown.get(notebook);
    // A notification that is still shown is renewed when a part of it no longer holds
    const isOld = last && last.text !== text && Notification.manager.has(last.id);
    if (isMuted || !(isNew || isOld)) {
      return;
    }
    dismiss(notebook);
    const id = Notification.warning(`${notebook.name}: ${text}`, {
      autoClose: false,
      actions: [
        {
          label: words.showDifferences,
          displayType: 'accent',
          callback: () => showPanel(notebook)
        },
        {
          label: words.mute,
          callback: () => void muted.add(notebook.path)
        }
      ]
    });
    shown.set(notebook, { id, text });
  };
  const look = async (notebook: NotebookRepro): Promise<void> => {
    // This may take a while; the notification is about the state afterwards
    const isMuted = await muted.has(notebook.path);
    if (!notebook.isDisposed && notebook.state.kind === 'checked') {
      tell(notebook, isMuted);
    }
  };
  tracker.added.connect((_, notebook) => {
    notebook.changed.connect(() => void look(notebook));
    notebook.panel.disposed.connect(() => dismiss(notebook));
    void look(notebook);
  });
  return dismiss;
}

/** The notebooks that the user has muted, by path. */
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
    return strings(await this.store?.fetch(MUTED_KEY));
  }

  #paths: Promise<string[]> | null = null;
}
