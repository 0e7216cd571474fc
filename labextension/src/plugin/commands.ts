/** The commands in the palette. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { checkedOf } from '../notebook/model';
import type { IReproActions } from '../notebook/tokens';
import type { ReproTracker } from '../notebook/tracker';
import { createWords } from '../panel/words';

/** Adds the commands, and to the palette where there is one. */
export function addCommands(
  app: JupyterFrontEnd,
  tracker: ReproTracker,
  actions: IReproActions,
  palette: ICommandPalette | null,
  trans: TranslationBundle
): void {
  const words = createWords(trans);
  const category = words.panelTitle;
  const hasNotebook = (): boolean => tracker.current !== null;
  const isChecked = (): boolean =>
    tracker.current !== null &&
    !tracker.current.isReadOnly &&
    checkedOf(tracker.current.state) !== null;
  const add = (
    name: string,
    label: string,
    execute: () => unknown,
    isEnabled: () => boolean = hasNotebook
  ): void => {
    const command = `jupyter-repro:${name}`;
    app.commands.addCommand(command, { label, execute, isEnabled });
    palette?.addItem({ command, category });
  };
  add(
    'show-panel',
    words.commandShow,
    () => actions.showPanel(),
    () => true
  );
  add('check', words.commandCheck, () => actions.check());
  add('record-again', words.commandRecord, () => actions.recordAgain());
  add('accept', words.commandAccept, () => actions.accept(), isChecked);
  add('copy-environment', words.copyEnvironment, () => actions.copyEnvironment());
  add('export', words.exportFiles, () => actions.exportFiles());
  add('insert-magic', words.commandInsert, () => actions.insertMagic());
  tracker.currentChanged.connect(() => app.commands.notifyCommandChanged());
}
