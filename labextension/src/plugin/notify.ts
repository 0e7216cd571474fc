/**
 * The notification about a notebook: what its verdict says, once a kernel and environment that
 * differs, and once a result and value outside its tolerance. None for a notebook where the person
 * does not want it.
 */
import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import { alarmOf } from './alarm';
import { plain } from '../panel/formats';
import type { NotebookRepro } from '../notebook/notebook';
import type { ReproTracker } from '../notebook/tracker';
import { strings } from '../protocol/validate';

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
    // What is still shown may hold again in a part
    const isOld = last && last.text !== text && Notification.manager.has(last.id);
    if (isMuted || !(isNew || isOld)) {
      return;
    }
    dismiss(notebook);
    const id = Notification.warning(`${notebook.name}: ${text}`, {
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
    shown.set(notebook, { id, text });
  };
  const look = async (notebook: NotebookRepro): Promise<void> => {
    // It may take a while: what is told is what holds afterwards
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
    return strings(await this.store?.fetch(MUTED_KEY));
  }

  #paths: Promise<string[]> | null = null;
}
