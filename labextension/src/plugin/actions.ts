/** What a person can do with the current notebook. */
import { Clipboard, Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import { type Notebook, NotebookActions } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { dateText } from '../panel/formats';
import { type Checked, checkedOf } from '../notebook/model';
import type { IReproActions } from '../notebook/tokens';
import type { ReproTracker } from '../notebook/tracker';
import { isRecord } from '../protocol/validate';
import { createWords, MAGIC, type Words } from '../panel/words';

const SEED_CELL = /^\s*%repro\b.*\bseed\s*=/m;

export class ReproActions implements IReproActions {
  constructor(
    tracker: ReproTracker,
    trans: TranslationBundle,
    readonly showPanel: () => void,
    contents: Contents.IManager
  ) {
    this.#tracker = tracker;
    this.#words = createWords(trans);
    this.#contents = contents;
  }

  check(): void {
    this.#tracker.current?.check();
  }

  async recordAgain(): Promise<void> {
    const panel = this.#tracker.current?.panel;
    if (!panel) {
      return;
    }
    const index = seedCell(panel.content);
    if (index < 0) {
      this.insertMagic();
      return;
    }
    select(panel.content, index);
    await NotebookActions.run(panel.content, panel.sessionContext);
  }

  async accept(): Promise<void> {
    const notebook = this.#tracker.current;
    const checked = notebook && checkedOf(notebook.state);
    if (!notebook || !checked) {
      return;
    }
    if (notebook.isReadOnly) {
      say('warning', this.#words.readOnly);
      return;
    }
    if (!(await this.#confirm(checked)) || notebook.isDisposed) {
      return;
    }
    if (await notebook.accept()) {
      this.showPanel();
    } else {
      say('warning', this.#words.acceptUnanswered);
    }
  }

  insertMagic(): void {
    const notebook = this.#tracker.current;
    if (!notebook || notebook.isReadOnly) {
      return;
    }
    const { content, model } = notebook.panel;
    const index = seedCell(content);
    if (index < 0) {
      model?.sharedModel.insertCell(0, { cell_type: 'code', source: MAGIC });
    }
    select(content, Math.max(index, 0));
    content.activate();
  }

  copyEnvironment(): Promise<void> {
    return this.#copy('environment');
  }

  copyRestore(): Promise<void> {
    return this.#copy('restore_command');
  }

  copy(text: string): Promise<void> {
    Clipboard.copyToSystem(text);
    return Promise.resolve();
  }

  async exportFiles(): Promise<void> {
    const path = this.#tracker.current?.path ?? '';
    const formats = await this.#read<string>('formats');
    const items = Object.keys(formats);
    if (items.length === 0) {
      return;
    }
    const title = this.#words.exportFiles;
    const { value } = await InputDialog.getItem({ title, items });
    if (value === null) {
      return;
    }
    const { files, told } = await this.#read('export', formats[value]);
    if (!isRecord(files)) {
      say('error', told as string);
      return;
    }
    try {
      if (await this.#save(path.replace(/[^/]*$/, ''), files)) {
        say('info', told as string);
      }
    } catch (error) {
      say('error', String(error));
    }
  }

  showCell(id: string): void {
    const content = this.#tracker.current?.panel.content;
    const index = content?.widgets.findIndex(({ model }) => model.id === id) ?? -1;
    if (!content || index < 0) {
      return;
    }
    select(content, index);
    void content.scrollToItem(index);
    content.activate();
  }

  /** Asks the kernel of the current notebook for a text. A failure is told. */
  async #ask(question: string, format?: string): Promise<string | null> {
    const notebook = this.#tracker.current;
    const request = JSON.stringify({ format, notebook: notebook?.name });
    const text = (await notebook?.askText(question, request)) ?? null;
    if (text === null) {
      say('warning', this.#words.environmentUnanswered);
    }
    return text;
  }

  async #read<T = unknown>(question: string, format?: string): Promise<Record<string, T>> {
    return JSON.parse((await this.#ask(question, format)) ?? '{}') as Record<string, T>;
  }

  async #copy(question: string): Promise<void> {
    const text = await this.#ask(question);
    if (text === null) {
      // The button does not say that it has copied
      throw new Error(question);
    }
    await this.copy(text);
    say('success', this.#words.copied);
  }

  /** Writes files; a person is asked before one is written over. Returns whether it may be. */
  async #save(folder: string, files: Record<string, unknown>): Promise<boolean> {
    const names = Object.keys(files);
    const found = await Promise.allSettled(
      names.map(name => this.#contents.get(folder + name, { content: false }))
    );
    const there = names.filter((_, place) => found[place]?.status === 'fulfilled').join(', ');
    if (there !== '') {
      const { button } = await showDialog({
        title: this.#words.overwrite(there),
        buttons: [Dialog.cancelButton(), Dialog.warnButton()]
      });
      if (!button.accept) {
        return false;
      }
    }
    for (const name of names) {
      const content = files[name];
      await this.#contents.save(folder + name, { type: 'file', format: 'text', content });
    }
    return true;
  }

  async #confirm({ document, overall }: Checked): Promise<boolean> {
    const words = this.#words;
    const differences = words.differencesFound(overall.differences);
    const loss = words.acceptLoss(dateText(document.reference.created), differences);
    const result = await showDialog({
      title: words.acceptTitle,
      body: `${loss} ${words.acceptOutputs}`,
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: words.acceptConfirm })],
      defaultButton: 0
    });
    return result.button.accept;
  }

  // A minifier shortens the names of private members
  readonly #tracker: ReproTracker;
  readonly #words: Words;
  readonly #contents: Contents.IManager;
}

/** Returns the place of the cell that seeds and records; -1 where there is none. */
function seedCell({ widgets }: Notebook): number {
  return widgets.findIndex(({ model }) => SEED_CELL.test(model.sharedModel.getSource()));
}

/** Without a time it would only wait in the notification centre. */
function say(type: Notification.TypeOptions, text: string): void {
  Notification.emit(text, type, { autoClose: 8000 });
}

function select(notebook: Notebook, index: number): void {
  notebook.deselectAll();
  notebook.activeCellIndex = index;
}
