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

import type { Check, Document } from './_schema';
import { Asker, type Phase } from './asker';
import type { Answer } from './kernel';
import {
  isOwn,
  isWritable,
  messageOf,
  readStamp,
  stripSnapshots,
  writeDocument,
  writeStamp
} from './lift';
import {
  type CellEnvironment,
  checkedOf,
  ENV_LENGTH,
  isSameState,
  type ReproState,
  type Settings,
  stateOf
} from './model';
import { encodeMetadata, METADATA_KEY, parseDocument, UnreadableError } from './parse';
import type { Request } from './question';
import type { IReproModel } from './tokens';
import { VERSION } from './version';
import { rememberClient, Writer } from './writer';

/** The one who ran the cell writes first when several people have the notebook open. */
const GIVE_WAY_MS = 1000;

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
    this.#writer = new Writer(context.path);
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
      this.#writer.dispose();
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

  /** To be called when a cell has been run from here. */
  onExecuted(cell: ICellModel): void {
    if (!isCodeCellModel(cell) || this.isReadOnly || !this.#surroundings.settings.lift) {
      return;
    }
    if (cell.sharedModel.getSource().trim() === '') {
      return;
    }
    // Nothing recorded in this kernel: an older stamp is right if the environment is the same
    const env = this.#env ?? (readStamp(cell) === this.#live ? this.#live : null);
    if (writeStamp(cell, env === null ? {} : { env })) {
      this.cellsChanged.emit();
    }
    if (this.#env !== null) {
      this.#asker.want(); // the kernel knows the rest of the stamp
    }
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
    if (this.#asker.kernel !== null) {
      rememberClient(this.#asker.kernel.clientId);
    }
    this.#env = this.#live = null;
    this.#owns = this.#isForeign = this.#isAdopted = false;
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
    const message = messageOf(plain);
    const kernel = this.#asker.kernel;
    if (message === null || kernel === null) {
      return;
    }
    if (isOwn(plain, kernel)) {
      this.#owns = true;
      this.#isForeign = false;
      this.#env = message.digest.slice(0, ENV_LENGTH);
      this.#asker.want();
      return;
    }
    // Another tab, another notebook, a console. Or the server itself runs the cells of a notebook
    // that several people edit: then nobody else would write what was recorded.
    this.#isForeign = true;
    this.#isAdopted = this.#model.collaborative === true && this.#surroundings.isAlone(this);
    if (this.#isAdopted) {
      this.#env = message.digest.slice(0, ENV_LENGTH);
    }
    this.#asker.want(this.#isAdopted ? GIVE_WAY_MS : 0);
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
    this.#owns = this.#owns || request.accept;
    this.#live = answer.snapshot.digest.slice(0, ENV_LENGTH);
    const isOurs = this.#owns || this.#isAdopted || this.#hasCell(answer.cell_id);
    const complete = (document: Document | null): ReproState => {
      const report = document === null ? null : (answer.report ?? null);
      const check = { ...answer, document, report };
      if (isOurs && check.recorded) {
        this.#env ??= this.#live;
        this.#write(check);
      }
      return stateOf(check, this.isReadOnly, Date.now());
    };
    // What another notebook on the same kernel recorded is no record here
    const isStored = answer.unchanged === true || (!isOurs && answer.problem == null);
    this.#show(isStored ? this.#withDocument(complete) : complete(answer.document ?? null));
  }

  /** Writes what the notebook should hold now, if this is who should write it. */
  #write(check: Check): void {
    const isWriter = this.#owns || this.#isAdopted || (!this.#isForeign && this.#writer.isFirst);
    const mayWrite = isWriter && !this.isReadOnly && this.#surroundings.settings.lift;
    if (!mayWrite || check.problem != null) {
      return;
    }
    for (const cell of this.#model.cells) {
      const stamp = check.stamps?.[cell.id];
      if (stamp !== undefined && writeStamp(cell, stamp)) {
        this.cellsChanged.emit();
      }
    }
    if (check.document == null) {
      return;
    }
    this.#isWriting = true;
    try {
      const { reference, latest } = check.document;
      writeDocument(this.#model, check.document);
      stripSnapshots(this.#model, [reference.digest, latest?.digest ?? reference.digest]);
    } finally {
      this.#isWriting = false;
    }
  }

  #hasCell(id: string | null | undefined): boolean {
    return id != null && [...this.#model.cells].some(cell => cell.id === id);
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
    this.#writer.dispose();
    this.#writer = new Writer(this.path);
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
  #writer: Writer;
  #isDisposed = false;
  #isWriting = false;
  /** Counts the changes of the metadata; what it was when they were read and sent. */
  #version = 0;
  #readAt = -1;
  #askedAt = -1;
  #document: Document | null = null;
  /** A person wants to see that it was checked, even if nothing changed. */
  #isAskedFor = false;
  /** What ran here was recorded by this connection, in this kernel. */
  #owns = false;
  /** The newest recording in this kernel was somebody else's. */
  #isForeign = false;
  /** Nobody else would write what the server ran. */
  #isAdopted = false;
  /** The environment that outputs are made in now, where it was recorded. */
  #env: string | null = null;
  /** The environment that the kernel was last seen in. */
  #live: string | null = null;
  readonly #asker: Asker;
  readonly #surroundings: Surroundings;
}

function unreadable({ message }: UnreadableError): ReproState {
  return { kind: 'unreadable', reason: message, snapshot: null, facts: {} };
}
