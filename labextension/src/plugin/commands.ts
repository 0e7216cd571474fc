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
    trans.__('Show the Environment Panel'),
    () => actions.showPanel(),
    () => true
  );
  add('check', trans.__('Check the Environment'), () => actions.check());
  add('record-again', trans.__('Record the Environment Again'), () => actions.recordAgain());
  add('accept', trans.__('Accept the Environment as Reference'), () => actions.accept(), isChecked);
  add('copy-environment', words.copyEnvironment, () => actions.copyEnvironment());
  add('export', words.exportFiles, () => actions.exportFiles());
  add('insert-magic', trans.__('Insert %repro into the First Cell'), () => actions.insertMagic());
  tracker.currentChanged.connect(() => app.commands.notifyCommandChanged());
}
