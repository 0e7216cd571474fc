/**
 * Notifications about a notebook: one when its environment differs, once a kernel and environment,
 * and one when results leave their tolerance, once a result and value. None for a notebook where the
 * person does not want it.
 */
import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import { alarmOf, strayResults } from './alarm';
import { plain } from './formats';
import type { NotebookRepro } from './notebook';
import type { ReproTracker } from './tracker';
import { strings } from './validate';

const MUTED_KEY = 'jupyter-repro:muted';

/** The oldest are forgotten. */
const MAX_MUTED = 500;

/** What is to be told of a notebook, and what of it is told once; the latter is empty for nothing. */
type News = readonly [text: string, ...once: unknown[]];

/**
 * Tells of differences in the notebooks of a tracker.
 *
 * @returns a function that takes the notifications about a notebook away
 */
export function notifyDifferences(
  tracker: ReproTracker,
  showPanel: (notebook: NotebookRepro) => void,
  muted: Muted,
  trans: TranslationBundle
): (notebook: NotebookRepro) => void {
  const teller = (label: string, newsOf: (notebook: NotebookRepro) => News) => {
    const told = new Set<string>();
    const shown = new WeakMap<NotebookRepro, { id: string; text: string }>();
    const dismiss = (notebook: NotebookRepro): void => {
      const last = shown.get(notebook);
      if (last) {
        Notification.dismiss(last.id);
        shown.delete(notebook);
      }
    };
    const look = (notebook: NotebookRepro, isMuted: boolean): void => {
      const [text, ...once] = newsOf(notebook);
      if (once.length === 0) {
        dismiss(notebook);
        return;
      }
      const keys = once.map(key => JSON.stringify([notebook.path, key]));
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
          { label, displayType: 'accent', callback: () => showPanel(notebook) },
          {
            label: trans.__("Don't tell me again for this notebook"),
            callback: () => void muted.add(notebook.path)
          }
        ]
      });
      shown.set(notebook, { id, text });
    };
    return { dismiss, look };
  };
  const tellers = [
    teller(trans.__('Show differences'), ({ state, kernelId }) => {
      const alarm = alarmOf(state, tracker.settings.notify);
      return alarm ? [alarm.report.summary, [kernelId, alarm.snapshot.digest]] : [''];
    }),
    teller(trans.__('Show results'), ({ state }) => {
      const results = strayResults(state, tracker.settings.notify);
      const count = results.length;
      const many =
        count > 1 ? `${trans._n('%1 result differs.', '%1 results differ.', count)} ` : '';
      return [
        many + plain(results[0]?.why ?? ''),
        ...results.map(({ name, current }) => [name, current])
      ];
    })
  ];
  const dismiss = (notebook: NotebookRepro): void =>
    tellers.forEach(teller => teller.dismiss(notebook));
  const look = async (notebook: NotebookRepro): Promise<void> => {
    // It may take a while: what is told is what holds afterwards
    const isMuted = await muted.has(notebook.path);
    if (!notebook.isDisposed && notebook.state.kind === 'checked') {
      tellers.forEach(teller => teller.look(notebook, isMuted));
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
