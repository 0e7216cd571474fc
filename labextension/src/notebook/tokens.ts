/**
 * What the drawing part sees of the rest: something to read, something that changes, and the
 * actions that a person can take.
 */
import type { ISignal } from '@lumino/signaling';

import type { CellEnvironment, ReproState } from './model';
import type { PackageAnswer } from './packages';

export const PLUGIN_ID = 'jupyter-repro:plugin';

/** Domain of the translations. */
export const DOMAIN = 'jupyter_repro';

/** One open notebook. The object stays the same as long as the notebook is open. */
export interface IReproModel {
  readonly state: ReproState;
  /** Emitted when `state` is another one; never when an answer said the same again. */
  readonly changed: ISignal<IReproModel, void>;
  /** Emitted when `cells` would return something else. */
  readonly cellsChanged: ISignal<IReproModel, void>;
  /** The code cells, in the order of the notebook. */
  cells(): readonly CellEnvironment[];
  /** Asks the kernel for the rows of the table of packages; they are kept while they hold. */
  readonly packages: () => PackageAnswer;
  /** File name of the notebook. */
  readonly name: string;
}

/** The open notebooks. */
export interface IReproSource {
  /** The notebook that the person works in; null where there is none. */
  readonly current: IReproModel | null;
  readonly currentChanged: ISignal<unknown, IReproModel | null>;
}

/** Every action applies to the current notebook. Failures are told by whoever does the work. */
export interface IReproActions {
  check(): void;
  /** Runs the notebook's `%repro seed=…` cell again. */
  recordAgain(): Promise<void>;
  /** Makes the kernel's environment the reference, after a question that says what is lost. */
  accept(): Promise<void>;
  /** Puts `%repro seed=42` into a new first cell; it is not run. */
  insertMagic(): void;
  /** Reads the text of an environment.yml from the kernel into the clipboard. */
  copyEnvironment(): Promise<void>;
  /** Copies the command that makes the recorded environment again. */
  copyRestore(): Promise<void>;
  /** Saves the environment beside the notebook, in a format of those that the kernel tells. */
  exportFiles(): Promise<void>;
  copy(text: string): Promise<void>;
  /** Makes a cell the active one and scrolls it into view. */
  showCell(id: string): void;
  showPanel(): void;
}
