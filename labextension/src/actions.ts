/** What a person can do with the current notebook. */
import { Clipboard, Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { type Notebook, NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { dateText } from './formats';
import { type Checked, checkedOf } from './model';
import type { IReproActions } from './tokens';
import type { ReproTracker } from './tracker';
import { createWords, MAGIC } from './words';

const SEED_CELL = /^\s*%repro\b.*\bseed\s*=/m;

export class ReproActions implements IReproActions {
  constructor(
    private readonly tracker: ReproTracker,
    private readonly trans: TranslationBundle,
    readonly showPanel: () => void
  ) {}

  check(): Promise<void> {
    this.tracker.current?.check();
    return Promise.resolve();
  }

  async recordAgain(): Promise<void> {
    const panel = this.tracker.current?.panel;
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
    const notebook = this.tracker.current;
    const checked = notebook && checkedOf(notebook.state);
    if (!notebook || !checked) {
      return;
    }
    if (notebook.isReadOnly) {
      Notification.warning(this.trans.__('This notebook is read-only: nothing was accepted.'));
      return;
    }
    if (!(await this.#confirm(checked)) || notebook.isDisposed) {
      return;
    }
    if (await notebook.accept()) {
      this.showPanel();
    } else {
      Notification.warning(
        this.trans.__('The kernel did not answer: nothing was accepted. Try when it is idle.')
      );
    }
  }

  insertMagic(): void {
    const notebook = this.tracker.current;
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

  async copyEnvironment(): Promise<void> {
    const text = await this.tracker.current?.askText('environment');
    if (text == null) {
      Notification.warning(
        this.trans.__('The kernel could not tell its environment. Try again when it is idle.')
      );
      return;
    }
    Clipboard.copyToSystem(text);
    Notification.success(this.trans.__('environment.yml is in the clipboard.'), {
      autoClose: 3000
    });
  }

  showCell(id: string): void {
    const content = this.tracker.current?.panel.content;
    const index = content?.widgets.findIndex(({ model }) => model.id === id) ?? -1;
    if (!content || index < 0) {
      return;
    }
    select(content, index);
    void content.scrollToItem(index);
    content.activate();
  }

  async #confirm({ document, report }: Checked): Promise<boolean> {
    const words = createWords(this.trans);
    const differences = words.differencesFound(report.findings.length);
    const loss = words.acceptLoss(dateText(document.reference.created), differences);
    const result = await showDialog({
      title: words.acceptTitle(),
      body: `${loss} ${words.acceptOutputs()}`,
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: words.acceptConfirm() })],
      defaultButton: 0
    });
    return result.button.accept;
  }
}

/** Returns the place of the cell that seeds and records; -1 where there is none. */
function seedCell({ widgets }: Notebook): number {
  return widgets.findIndex(({ model }) => SEED_CELL.test(model.sharedModel.getSource()));
}

function select(notebook: Notebook, index: number): void {
  notebook.deselectAll();
  notebook.activeCellIndex = index;
}
