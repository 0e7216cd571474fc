/** The plug-in: puts the parts together and into the application. */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Panel } from '@lumino/widgets';

import { ReproActions } from './plugin/actions';
import { always, BadgeItem } from './panel/badge';
import { addCommands } from './plugin/commands';
import { markCells } from './plugin/markers';
import { Muted, notifyDifferences } from './plugin/notify';
import { ReproPanel } from './panel/panel';
import { parseSettings } from './plugin/settings';
import { DOMAIN, PLUGIN_ID } from './notebook/tokens';
import { ReproTracker } from './notebook/tracker';

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Shows the environment behind a notebook and checks it against the kernel.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IStateDB,
    IStatusBar,
    IToolbarWidgetRegistry,
    ITranslator
  ],
  activate
};

export default plugin;

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  registry: ISettingRegistry | null,
  stateDb: IStateDB | null,
  statusBar: IStatusBar | null,
  toolbars: IToolbarWidgetRegistry | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load(DOMAIN);
  const loading = registry?.load(PLUGIN_ID).catch((error: unknown) => {
    console.warn('jupyter_repro: the settings could not be read, the defaults hold.', error);
    return null;
  });
  const tracker = new ReproTracker(
    notebooks,
    Promise.resolve(loading).then(settings => {
      const read = (): void => {
        tracker.settings = parseSettings(settings?.composite ?? {});
      };
      settings?.changed.connect(read);
      read();
    })
  );
  const showPanel = (): void => {
    app.shell.activateById(panel.id);
    if (tracker.current) {
      // It would cover what it tells of
      dismiss(tracker.current);
    }
  };
  const actions = new ReproActions(tracker, trans, showPanel, app.serviceManager.contents);
  const panel = new ReproPanel(tracker, actions, trans);
  app.shell.add(panel, 'right', { rank: 450, type: 'Reproducibility' });
  restorer?.add(panel, panel.id);
  addCommands(app, tracker, actions, palette, trans);
  markCells(tracker, trans);
  const dismiss = notifyDifferences(
    tracker,
    notebook => {
      app.shell.activateById(notebook.panel.id);
      showPanel();
    },
    new Muted(stateDb),
    trans
  );
  statusBar?.registerStatusItem(`${PLUGIN_ID}:status`, {
    item: new BadgeItem(tracker, actions, trans),
    align: 'left',
    rank: 10,
    isActive: () => tracker.current !== null,
    activeStateChanged: tracker.currentChanged as unknown as ISignal<unknown, void>
  });
  toolbars?.addFactory<NotebookPanel>('Notebook', 'jupyter-repro', notebook => {
    const box = new Panel();
    // The notebook's toolbar is there before what it holds
    tracker.whenAdded(notebook, model => {
      if (!box.isDisposed) {
        box.addWidget(new BadgeItem(always(model), actions, trans, true));
      }
    });
    return box;
  });
}
