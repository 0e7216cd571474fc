/** Marks the cells whose outputs were produced in a different environment from the recorded one. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { readStamp } from '../notebook/lift';
import { documentOf, ENV_LENGTH } from '../notebook/model';
import type { NotebookRepro } from '../notebook/notebook';
import type { ReproTracker } from '../notebook/tracker';
import { createWords } from '../panel/words';

const CLASS = 'jp-repro-otherEnvironment';
const MARKER = 'jp-repro-marker';

/** Keeps the marks of all notebooks of a tracker up to date. */
export function markCells(tracker: ReproTracker, trans: TranslationBundle): void {
  const text = createWords(trans).otherOutputs;
  const mark = (notebook: NotebookRepro): void =>
    drawMarkers(notebook, tracker.settings.cellMarkers, text);
  tracker.added.connect((_, notebook) => {
    const update = (): void => mark(notebook);
    notebook.changed.connect(update);
    notebook.cellsChanged.connect(update);
    update();
  });
  tracker.settingsChanged.connect(() => {
    for (const notebook of tracker) {
      mark(notebook);
    }
  });
}

function drawMarkers(notebook: NotebookRepro, isOn: boolean, text: string): void {
  const reference = documentOf(notebook.state)?.reference.digest.slice(0, ENV_LENGTH);
  for (const { node, model } of notebook.panel.content.widgets) {
    const env = isOn && reference !== undefined ? readStamp(model) : null;
    const isOther = env !== null && env !== reference;
    const marker = node.querySelector(`:scope > .${MARKER}`);
    node.classList.toggle(CLASS, isOther);
    if (!isOther) {
      marker?.remove();
    } else if (marker === null) {
      node.append(createMarker(text));
    }
  }
}

function createMarker(text: string): HTMLElement {
  const marker = document.createElement('span');
  marker.className = MARKER;
  marker.setAttribute('role', 'img');
  marker.setAttribute('aria-label', text);
  marker.title = text;
  return marker;
}
