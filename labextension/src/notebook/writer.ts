/**
 * Writes into one open notebook: the record in its metadata and the stamps of its cells. `writing.ts`
 * decides whether something may be written; here it is done.
 */
import { type ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { Arrival, CellStamp, Check, Document } from '../protocol/_schema';
import { METADATA_KEY, parseDocument, UnreadableError } from '../protocol/parse';
import { arrive } from './arrive';
import { Executions } from './executions';
import { keepsIds, withoutCells } from './ids';
import { readStamp, stripSnapshots, writeDocument, writeStamp } from './lift';
import { type Cause, decide } from './writing';

type Parent = KernelMessage.IMessage['parent_header'];

export interface Notebook {
  readonly model: INotebookModel;
  /** Whether the file can be written and the settings say that we write. */
  canWrite(): boolean;
  /** Whether no other notebook here runs on the same kernel. */
  isAlone(): boolean;
  /** A cell has a different stamp. */
  onStamp(): void;
}

export class Writer {
  constructor(notebook: Notebook) {
    this.#notebook = notebook;
    this.#executions = new Executions(notebook.model);
    document.addEventListener('focusout', this.#onFocusOut);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#executions.dispose();
    document.removeEventListener('focusout', this.#onFocusOut);
  }

  /** Counts the changes of our metadata. */
  get version(): number {
    return this.#version;
  }

  /** Whether cells of the notebook have brought what it holds, in this kernel. */
  get hasBrought(): boolean {
    return this.#executions.hasBrought;
  }

  /** Forgets what ran in an earlier kernel. */
  follow(kernel: Kernel.IKernelConnection | null): void {
    this.#kernel = kernel;
    this.#executions.follow(kernel);
  }

  /**
   * Takes note of a change of the metadata.
   *
   * @returns whether they are ours and somebody else changed them
   */
  onMetadata(key: string | undefined): boolean {
    if (key !== undefined && key !== METADATA_KEY) {
      return false;
    }
    this.#version += 1;
    return !this.#isWriting;
  }

  /**
   * Returns what the metadata say by themselves; they are read once for each change of them.
   *
   * @throws UnreadableError - where they cannot be read
   */
  read(): Document | null {
    if (this.#readAt !== this.#version) {
      this.#document = parseDocument(this.#notebook.model.getMetadata(METADATA_KEY));
      this.#readAt = this.#version;
    }
    return this.#document;
  }

  /**
   * Writes what a message brought, if its cause may write.
   *
   * @returns the cause
   */
  onArrival({ parent_header: parent }: KernelMessage.IMessage, arrival: Arrival | null): Cause {
    const cause = this.#causeOf(parent, arrival);
    if (cause !== 'other-cell') {
      this.#perform(cause, () => this.#take(arrival, parent));
    }
    return cause;
  }

  /**
   * Writes an answer of the kernel, now or later, if its cause may write.
   *
   * @returns whether it may
   */
  onAnswer(cause: 'command' | 'question', answer: Check, document: Document): boolean {
    return this.#perform(cause, () => {
      for (const cell of this.#notebook.model.cells) {
        const stamp = answer.stamps?.[cell.id];
        if (stamp !== undefined && this.#executions.hasRun(cell)) {
          this.#stamp(cell, stamp);
        }
      }
      this.#write(document);
    });
  }

  /**
   * Stamps a cell that has been run from here, unless the run itself brought a stamp.
   *
   * @param live - the environment that the kernel was last seen in
   */
  onExecuted(cell: ICellModel, live: string | null): void {
    if (!isCodeCellModel(cell)) {
      return;
    }
    this.#perform('own-cell', () => {
      if (!this.#executions.isStamped(cell)) {
        // Nothing is recorded in this kernel: an older stamp is right in the same environment
        const isSame = cell.executionCount !== null && readStamp(cell) === live;
        this.#stamp(cell, isSame && live !== null ? { env: live } : {});
      }
    });
  }

  /** Takes the stamp away from a cell whose outputs were cleared. */
  onCleared(cell: ICellModel): void {
    this.#perform('cleared-outputs', () => this.#stamp(cell, {}));
  }

  #causeOf(parent: Parent, arrival: Arrival | null): Cause {
    if (this.#executions.of(parent) !== null) {
      return 'own-cell';
    }
    const isFromHere = 'session' in parent && parent.session === this.#kernel?.clientId;
    if (isFromHere && arrival?.does === 'accept' && (parent.msg_type as string) === 'comm_msg') {
      return 'command'; // a click in the panel that %repro panel shows
    }
    // A client names the cell that it runs. Where none is named the server runs them
    const isServed = this.#notebook.model.collaborative && arrival !== null && arrival.cell == null;
    return isServed && !isFromHere && this.#notebook.isAlone() ? 'served-cell' : 'other-cell';
  }

  /** Takes what an execution brought, as far as the notebook is still the one that it ran in. */
  #take(arrival: Arrival | null, parent: Parent): void {
    const execution = this.#executions.of(parent);
    if (arrival === null) {
      // A kernel with version 0.1.0: its next answer brings it
      this.#executions.note(execution === null ? [] : [execution.cell]);
      return;
    }
    const document = arrive(this.read(), arrival);
    if (document === null) {
      return;
    }
    this.#executions.note(execution === null ? this.#notebook.model.cells : [execution.cell]);
    this.#write(document);
    if (execution !== null && arrival.stamp != null) {
      execution.isStamped = true;
      this.#stamp(execution.cell, arrival.stamp);
    }
  }

  /** Writes now or later, if this may write at all; returns whether. */
  #perform(cause: Cause, write: () => void): boolean {
    const { model } = this.#notebook;
    const decision = decide({
      cause,
      canWrite: this.#notebook.canWrite(),
      hasWritten: this.#executions.hasBrought,
      isElected: isElected(model),
      isTypingInTools: isTypingInTools()
    });
    if (decision === 'write') {
      attempt(write);
    } else if (decision === 'wait') {
      this.#waiting.push(write);
    }
    return decision !== 'leave';
  }

  readonly #onFocusOut = (): void => {
    if (this.#waiting.length > 0) {
      // The next element has the focus only after this event
      setTimeout(() => {
        if (!isTypingInTools() && !this.#isDisposed) {
          this.#waiting.splice(0).forEach(attempt);
        }
      });
    }
  };

  #stamp(cell: ICellModel, stamp: CellStamp): void {
    if (writeStamp(cell, stamp)) {
      this.#notebook.onStamp();
    }
  }

  #write(document: Document): void {
    const { model } = this.#notebook;
    this.#isWriting = true;
    try {
      const { reference, latest } = document;
      writeDocument(model, keepsIds(model) ? document : withoutCells(document));
      stripSnapshots(model, [reference.digest, latest?.digest ?? reference.digest]);
    } finally {
      this.#isWriting = false;
    }
  }

  readonly #notebook: Notebook;
  readonly #executions: Executions;
  #kernel: Kernel.IKernelConnection | null = null;
  #isDisposed = false;
  #isWriting = false;
  #version = 0;
  /** What `#version` was when the metadata were read. */
  #readAt = -1;
  #document: Document | null = null;
  /** What may be written when the focus leaves the notebook tools. */
  readonly #waiting: (() => void)[] = [];
}

function attempt(write: () => void): void {
  try {
    write();
  } catch (error) {
    // What cannot be read is not overwritten; the kernel says what is wrong with it
    if (!(error instanceof UnreadableError)) {
      throw error;
    }
  }
}

/** Whether this is the one, of all who have a shared document open, that writes for the server. */
function isElected({ sharedModel }: INotebookModel): boolean {
  const { awareness } = sharedModel;
  return Math.min(...awareness.getStates().keys()) === awareness.clientID;
}

/** Whether the focus is in the forms for a cell's and a notebook's metadata. */
function isTypingInTools(): boolean {
  return document.activeElement?.closest('.jp-NotebookTools') != null;
}
