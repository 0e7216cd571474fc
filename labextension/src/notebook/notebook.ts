/**
 * One open notebook: what its kernel says, and what is written of it.
 *
 * Nothing polls. A question is asked when the notebook is opened, when the kernel is another one or
 * began anew, after a cell that recorded something, and when a person wants it.
 */
import { type ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Arrival, CellStamp, Check, Document } from '../protocol/_schema';
import { arrive } from './arrive';
import { Asker, type Phase } from './asker';
import { Executions } from './executions';
import type { Answer } from './kernel';
import { isWritable, readStamp, stripSnapshots, toldBy, writeDocument, writeStamp } from './lift';
import {
  type CellEnvironment,
  checkedOf,
  ENV_LENGTH,
  isSameState,
  type ReproState,
  type Settings,
  stateOf
} from './model';
import { encodeMetadata, METADATA_KEY, parseDocument, UnreadableError } from '../protocol/parse';
import type { Request } from '../protocol/question';
import { createPackages, type PackageAnswer } from './packages';
import type { IReproModel } from './tokens';
import { VERSION } from '../protocol/version';
import { type Cause, decide } from './writing';

const INSTALL = '%pip install jupyter_repro';

/** Beginnings of cells are shown no longer than this. */
const LABEL_LENGTH = 80;

export interface Surroundings {
  readonly settings: Settings;
  /** Whether no other notebook here runs on the same kernel. */
  isAlone(notebook: NotebookRepro): boolean;
}

export class NotebookRepro implements IReproModel, IDisposable {
  /**
   * @param panel - its context is ready
   */
  constructor(
    readonly panel: NotebookPanel,
    surroundings: Surroundings
  ) {
    const { context, sessionContext } = panel;
    this.#surroundings = surroundings;
    this.#executions = new Executions(context.model);
    this.#asker = new Asker(sessionContext, {
      request: accept => this.#request(accept),
      onAnswer: (answer, request) => this.#onAnswer(answer, request),
      onPhase: phase => this.#onPhase(phase),
      onNewKernel: () => this.#onNewKernel()
    });
    sessionContext.iopubMessage.connect(this.#onMessage, this);
    context.model.metadataChanged.connect(this.#onMetadata, this);
    context.model.cells.changed.connect(this.#onCells, this);
    context.pathChanged.connect(this.#onPath, this);
    document.addEventListener('focusout', this.#onFocusOut);
    this.#state = this.#withDocument(document => ({ kind: 'not-asked', document }));
    if (this.#onNewKernel()) {
      this.#asker.want();
    }
  }

  get state(): ReproState {
    return this.#state;
  }

  readonly changed = new Signal<this, void>(this);
  readonly cellsChanged = new Signal<this, void>(this);

  get path(): string {
    return this.panel.context.path;
  }

  get name(): string {
    return this.path.split('/').pop() ?? '';
  }

  get isReadOnly(): boolean {
    return !isWritable(this.panel.context);
  }

  get kernelId(): string | null {
    return this.#asker.kernel?.id ?? null;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    if (!this.#isDisposed) {
      this.#isDisposed = true;
      this.#asker.dispose();
      this.#executions.dispose();
      document.removeEventListener('focusout', this.#onFocusOut);
      Signal.clearData(this);
    }
  }

  cells(): readonly CellEnvironment[] {
    const found: CellEnvironment[] = [];
    for (const [index, cell] of [...this.#model.cells].entries()) {
      if (isCodeCellModel(cell)) {
        const firstLine = cell.sharedModel.getSource().trimStart().split('\n', 1)[0] ?? '';
        const label = firstLine.slice(0, LABEL_LENGTH);
        found.push({ id: cell.id, index, label, env: readStamp(cell) });
      }
    }
    return found;
  }

  /** Asks the kernel as soon as it is idle, and shows the time of the answer in any case. */
  check(): void {
    this.#isAskedFor = true;
    this.#asker.want();
  }

  /** Makes the kernel's environment the reference. Returns false where that failed. */
  async accept(): Promise<boolean> {
    return !this.isReadOnly && (await this.#asker.ask(true));
  }

  /** Asks the kernel for a text; null where it cannot tell. */
  askText(question: string, request: string): Promise<string | null> {
    return this.#asker.askText(question, request);
  }

  readonly packages = (): PackageAnswer => this.#packages(this.#state);

  /** To be called when a cell has been run from here: what an earlier run left is not its. */
  onExecuted(cell: ICellModel): void {
    if (!isCodeCellModel(cell)) {
      return;
    }
    this.#perform('own-cell', () => {
      if (!this.#executions.isStamped(cell)) {
        // Nothing is recorded in this kernel: an older stamp is right in the same environment
        const isSame = cell.executionCount !== null && readStamp(cell) === this.#live;
        this.#stamp(cell, isSame && this.#live !== null ? { env: this.#live } : {});
      }
    });
  }

  /** To be called when a person has cleared the outputs of a cell. */
  onCleared(cell: ICellModel): void {
    this.#perform('cleared-outputs', () => this.#stamp(cell, {}));
  }

  get #model(): INotebookModel {
    return this.panel.context.model;
  }

  #request(accept: boolean): Request | null {
    this.#askedAt = this.#version;
    try {
      // While the kernel thinks there is time for it
      this.#read();
    } catch {
      // The kernel says what is wrong with it
    }
    try {
      return {
        document: encodeMetadata(this.#model.getMetadata(METADATA_KEY)),
        attached: this.#surroundings.settings.lift && !this.isReadOnly,
        accept,
        wrote: this.#executions.hasBrought,
        cells: [...this.#model.cells].map(({ id }) => id)
      };
    } catch (error) {
      if (!(error instanceof UnreadableError)) {
        throw error;
      }
      this.#show(unreadable(error));
      return null;
    }
  }

  #onNewKernel(): boolean {
    this.#executions.follow(this.#asker.kernel);
    this.#live = null;
    return this.#surroundings.settings.checkOnOpen;
  }

  #onPhase(phase: Phase): void {
    this.#show(
      this.#withDocument(document =>
        phase.kind === 'busy'
          ? { kind: 'busy', last: checkedOf(this.#state), document }
          : { ...phase, document }
      )
    );
  }

  #onMessage(_: unknown, plain: KernelMessage.IMessage): void {
    const told = toldBy(plain);
    if (told === null) {
      return;
    }
    const cause = this.#causeOf(plain, told.arrival);
    if (cause !== 'other-cell') {
      const { parent_header: parent } = plain;
      this.#perform(cause, () => this.#onArrival(told.arrival, parent));
    }
    // What another notebook displays may have changed the kernel
    if (cause !== 'other-cell' || told.message !== null) {
      this.#asker.want();
    }
  }

  #causeOf({ parent_header: parent }: KernelMessage.IMessage, arrival: Arrival | null): Cause {
    if (this.#executions.of(parent) !== null) {
      return 'own-cell';
    }
    const isFromHere = 'session' in parent && parent.session === this.#asker.kernel?.clientId;
    if (isFromHere && arrival?.does === 'accept' && (parent.msg_type as string) === 'comm_msg') {
      return 'command'; // a click in the panel that %repro panel shows
    }
    // A client names the cell that it runs. Where none is named the server runs them
    const isServed = this.#model.collaborative && arrival !== null && arrival.cell == null;
    return isServed && !isFromHere && this.#surroundings.isAlone(this)
      ? 'served-cell'
      : 'other-cell';
  }

  /** Takes what an execution brought, as far as the notebook is still the one that it ran in. */
  #onArrival(arrival: Arrival | null, parent: KernelMessage.IMessage['parent_header']): void {
    const execution = this.#executions.of(parent);
    if (arrival === null) {
      // A kernel with version 0.1.0: its next answer brings it
      this.#executions.note(execution === null ? [] : [execution.cell]);
      return;
    }
    const document = arrive(this.#read(), arrival);
    if (document === null) {
      return;
    }
    this.#executions.note(execution === null ? this.#model.cells : [execution.cell]);
    this.#write(document);
    if (execution !== null && arrival.stamp != null) {
      execution.isStamped = true;
      this.#stamp(execution.cell, arrival.stamp);
    }
  }

  #onAnswer(answer: Answer, request: Request): void {
    switch (answer.kind) {
      case 'check':
        this.#onCheck(answer.check, request);
        return;
      case 'not-installed':
        this.#showUnanswered({ ...answer, command: INSTALL });
        return;
      case 'outdated':
        this.#showUnanswered({ ...answer, extension: VERSION });
        return;
      default:
        this.#showUnanswered(answer.kind === 'garbled' ? answer : { kind: 'timeout' });
    }
  }

  #onCheck(answer: Check, request: Request): void {
    if (this.#askedAt !== this.#version) {
      // The answer is to a document that the notebook does not hold any more
      this.#asker.want();
      return;
    }
    this.#live = answer.snapshot.digest.slice(0, ENV_LENGTH);
    const cause = request.accept ? 'command' : 'question';
    const next = answer.document ?? null;
    const isWritten = next !== null && this.#perform(cause, () => this.#writeAnswer(answer, next));
    const complete = (document: Document | null): ReproState => {
      const report = document === null ? null : (answer.report ?? null);
      return stateOf({ ...answer, document, report }, this.isReadOnly, Date.now());
    };
    this.#show(isWritten || answer.problem != null ? complete(next) : this.#withDocument(complete));
  }

  #writeAnswer(answer: Check, document: Document): void {
    for (const cell of this.#model.cells) {
      const stamp = answer.stamps?.[cell.id];
      if (stamp !== undefined && this.#executions.hasRun(cell)) {
        this.#stamp(cell, stamp);
      }
    }
    this.#write(document);
  }

  /** Writes now or later, if this may write at all; returns whether. */
  #perform(cause: Cause, write: () => void): boolean {
    const decision = decide({
      cause,
      canWrite: this.#surroundings.settings.lift && !this.isReadOnly,
      hasWritten: this.#executions.hasBrought,
      isElected: isElected(this.#model),
      isTypingInTools: isTypingInTools()
    });
    if (decision === 'write') {
      this.#attempt(write);
    } else if (decision === 'wait') {
      this.#waiting.push(write);
    }
    return decision !== 'leave';
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      // What cannot be read is not overwritten; the kernel says what is wrong with it
      if (!(error instanceof UnreadableError)) {
        throw error;
      }
    }
  }

  readonly #onFocusOut = (): void => {
    if (this.#waiting.length > 0) {
      // The next element has the focus only after this event
      setTimeout(() => {
        if (!isTypingInTools() && !this.#isDisposed) {
          this.#waiting.splice(0).forEach(write => this.#attempt(write));
        }
      });
    }
  };

  #stamp(cell: ICellModel, stamp: CellStamp): void {
    if (writeStamp(cell, stamp)) {
      this.cellsChanged.emit();
    }
  }

  #write(document: Document): void {
    this.#isWriting = true;
    try {
      const { reference, latest } = document;
      writeDocument(this.#model, document);
      stripSnapshots(this.#model, [reference.digest, latest?.digest ?? reference.digest]);
    } finally {
      this.#isWriting = false;
    }
  }

  #onMetadata(_: unknown, change: { key?: string }): void {
    const isOurs = change.key === undefined || change.key === METADATA_KEY;
    if (!isOurs) {
      return;
    }
    this.#version += 1;
    if (this.#isWriting) {
      return;
    }
    if (this.#asker.kernel !== null) {
      this.#asker.want();
    } else {
      this.#showUnanswered({ kind: 'no-kernel' });
    }
  }

  #onCells(): void {
    this.cellsChanged.emit();
  }

  #onPath(): void {
    this.changed.emit();
  }

  /**
   * Returns what the metadata say by themselves; they are read once for each change of them.
   *
   * @throws UnreadableError - where they cannot be read
   */
  #read(): Document | null {
    if (this.#readAt !== this.#version) {
      this.#document = parseDocument(this.#model.getMetadata(METADATA_KEY));
      this.#readAt = this.#version;
    }
    return this.#document;
  }

  /** A state with what the metadata say by themselves. */
  #withDocument(make: (document: Document | null) => ReproState): ReproState {
    try {
      return make(this.#read());
    } catch (error) {
      if (error instanceof UnreadableError) {
        return unreadable(error);
      }
      throw error;
    }
  }

  #showUnanswered(
    state:
      | { kind: 'timeout' | 'no-kernel' }
      | { kind: 'not-installed'; command: string }
      | { kind: 'garbled'; reason: string }
      | {
          kind: 'outdated';
          which: 'kernel' | 'extension';
          kernel: string | null;
          extension: string;
        }
  ): void {
    this.#show(this.#withDocument(document => ({ ...state, document })));
  }

  #show(state: ReproState): void {
    if (this.#isDisposed || (!this.#isAskedFor && isSameState(this.#state, state))) {
      return;
    }
    this.#isAskedFor = false;
    this.#state = state;
    this.changed.emit();
  }

  #state: ReproState;
  #isDisposed = false;
  #isWriting = false;
  /** Counts the changes of the metadata; what it was when they were read and sent. */
  #version = 0;
  #readAt = -1;
  #askedAt = -1;
  #document: Document | null = null;
  /** A person wants to see that it was checked, even if nothing changed. */
  #isAskedFor = false;
  /** The environment that the kernel was last seen in. */
  #live: string | null = null;
  /** What may be written when the focus leaves the notebook tools. */
  readonly #waiting: (() => void)[] = [];
  readonly #executions: Executions;
  readonly #asker: Asker;
  readonly #packages = createPackages(async () => {
    const document = encodeMetadata(this.#model.getMetadata(METADATA_KEY));
    return await this.#asker.askText('packages', `{"document":${document}}`);
  });
  readonly #surroundings: Surroundings;
}

function unreadable({ message }: UnreadableError): ReproState {
  return { kind: 'unreadable', reason: message, snapshot: null, facts: {} };
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
