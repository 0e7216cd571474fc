/**
 * One open notebook: what is asked of its kernel, and what is known of it. `writer.ts` writes into it.
 *
 * Nothing polls. A question is asked when the notebook is opened, when the kernel is another one or
 * began anew, after a cell that recorded something, and when a person wants it.
 */
import { type ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Check, Document } from '../protocol/_schema';
import { Asker, type Phase } from './asker';
import { jupytextNotes } from './jupytext';
import type { Answer } from './kernel';
import { isWritable, readStamp, toldBy } from './lift';
import {
  type CellEnvironment,
  checkedOf,
  ENV_LENGTH,
  isSameState,
  type ReproState,
  type Settings,
  stateOf
} from './model';
import { encodeMetadata, METADATA_KEY, UnreadableError } from '../protocol/parse';
import type { Request } from '../protocol/question';
import { createPackages, type PackageAnswer } from './packages';
import type { IReproModel } from './tokens';
import { VERSION } from '../protocol/version';
import { Writer } from './writer';

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
    this.#writer = new Writer({
      model: context.model,
      canWrite: () => surroundings.settings.lift && !this.isReadOnly,
      isAlone: () => surroundings.isAlone(this),
      onStamp: () => this.cellsChanged.emit()
    });
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

  readonly packages = (): PackageAnswer => this.#packages(this.#state);

  /** To be called when a cell has been run from here: what an earlier run left is not its. */
  onExecuted(cell: ICellModel): void {
    this.#writer.onExecuted(cell, this.#live);
  }

  /** To be called when a person has cleared the outputs of a cell. */
  onCleared(cell: ICellModel): void {
    this.#writer.onCleared(cell);
  }

  get #model(): INotebookModel {
    return this.panel.context.model;
  }

  #request(accept: boolean): Request | null {
    this.#askedAt = this.#writer.version;
    try {
      // While the kernel thinks there is time for it
      this.#writer.read();
    } catch {
      // The kernel says what is wrong with it
    }
    try {
      return {
        document: encodeMetadata(this.#model.getMetadata(METADATA_KEY)),
        attached: this.#surroundings.settings.lift && !this.isReadOnly,
        accept,
        wrote: this.#writer.hasBrought,
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
    this.#writer.follow(this.#asker.kernel);
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
    const cause = this.#writer.onArrival(plain, told.arrival);
    // What another notebook displays may have changed the kernel
    if (cause !== 'other-cell' || told.message !== null) {
      this.#asker.want();
    }
  }

  #onAnswer(answer: Answer, request: Request): void {
    if (answer.kind === 'check') {
      this.#onCheck(answer.check, request);
    } else {
      this.#showUnanswered(unanswered(answer));
    }
  }

  #onCheck(answer: Check, request: Request): void {
    if (this.#askedAt !== this.#writer.version) {
      // The answer is to a document that the notebook does not hold any more
      this.#asker.want();
      return;
    }
    this.#live = answer.snapshot.digest.slice(0, ENV_LENGTH);
    const cause = request.accept ? 'command' : 'question';
    const next = answer.document ?? null;
    const isWritten = next !== null && this.#writer.onAnswer(cause, answer, next);
    const complete = (document: Document | null): ReproState => {
      const report = document === null ? null : (answer.report ?? null);
      const notes = [
        ...(answer.notes ?? []),
        ...jupytextNotes(this.#model.getMetadata('jupytext'))
      ];
      return stateOf({ ...answer, document, report, notes }, this.isReadOnly, Date.now());
    };
    this.#show(isWritten || answer.problem != null ? complete(next) : this.#withDocument(complete));
  }

  #onMetadata(_: unknown, change: { key?: string }): void {
    if (!this.#writer.onMetadata(change.key)) {
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

  /** A state with what the metadata say by themselves. */
  #withDocument(make: (document: Document | null) => ReproState): ReproState {
    try {
      return make(this.#writer.read());
    } catch (error) {
      if (error instanceof UnreadableError) {
        return unreadable(error);
      }
      throw error;
    }
  }

  #showUnanswered(state: Unanswered): void {
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
  /** Version of the metadata that were sent. */
  #askedAt = -1;
  /** A person wants to see that it was checked, even if nothing changed. */
  #isAskedFor = false;
  /** The environment that the kernel was last seen in. */
  #live: string | null = null;
  readonly #writer: Writer;
  readonly #asker: Asker;
  readonly #packages = createPackages(async () => {
    const document = encodeMetadata(this.#model.getMetadata(METADATA_KEY));
    return await this.#asker.askText('packages', `{"document":${document}}`);
  });
  readonly #surroundings: Surroundings;
}

/** A state of a notebook whose kernel has not answered, without what the metadata say. */
type Unanswered =
  | { kind: 'timeout' | 'no-kernel' }
  | { kind: 'not-installed'; command: string }
  | { kind: 'garbled'; reason: string }
  | { kind: 'outdated'; which: 'kernel' | 'extension'; kernel: string | null; extension: string };

function unanswered(answer: Exclude<Answer, { kind: 'check' }>): Unanswered {
  switch (answer.kind) {
    case 'not-installed':
      return { ...answer, command: INSTALL };
    case 'outdated':
      return { ...answer, extension: VERSION };
    case 'garbled':
      return answer;
    default:
      return { kind: 'timeout' };
  }
}

function unreadable({ message }: UnreadableError): ReproState {
  return { kind: 'unreadable', reason: message, snapshot: null, facts: {} };
}
