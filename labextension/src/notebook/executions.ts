/**
 * Which cell of a notebook a kernel's message belongs to: that of the execution that it answers.
 *
 * A cell is known by its model, not by its id: a notebook that is loaded again has the same ids, and
 * so has a copy of it. What ran before the model was loaded is none of its executions.
 */
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

interface Execution {
  cell: ICellModel;
  /** It brought a stamp for its cell. */
  isStamped: boolean;
}

export class Executions {
  constructor(readonly model: INotebookModel) {}

  /** Follows what is sent by a connection; forgets what ran in an earlier kernel. */
  follow(kernel: Kernel.IKernelConnection | null): void {
    this.#byMessage.clear();
    this.#byCell.clear();
    this.#brought = new WeakSet();
    if (this.#kernel !== kernel) {
      this.#kernel?.anyMessage.disconnect(this.#onMessage, this);
      this.#kernel = kernel;
      kernel?.anyMessage.connect(this.#onMessage, this);
    }
  }

  dispose(): void {
    Signal.disconnectReceiver(this);
  }

  /** Returns the newest execution that a message belongs to, or null where it is none of ours. */
  of(parent: KernelMessage.IMessage['parent_header']): Execution | null {
    const found = 'msg_id' in parent ? this.#byMessage.get(parent.msg_id) : undefined;
    return found !== undefined && this.#has(found.cell) ? found : null;
  }

  /** Whether a cell has been run since the notebook was loaded. */
  hasRun(cell: ICellModel): boolean {
    return this.#last(cell) !== undefined;
  }

  /** Whether the last run of a cell brought its stamp. */
  isStamped(cell: ICellModel): boolean {
    return this.#last(cell)?.isStamped === true;
  }

  /** Notes that something came in for these cells. */
  note(cells: Iterable<ICellModel>): void {
    for (const cell of cells) {
      this.#brought.add(cell);
    }
  }

  /** Whether something came in for a cell of the notebook as it is loaded now. */
  get hasBrought(): boolean {
    return [...this.model.cells].some(cell => this.#brought.has(cell));
  }

  #last(cell: ICellModel): Execution | undefined {
    return this.#byMessage.get(this.#byCell.get(cell) ?? '');
  }

  #has(cell: ICellModel): boolean {
    return [...this.model.cells].includes(cell);
  }

  #onMessage(_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void {
    if (direction !== 'send' || msg.header.msg_type !== 'execute_request') {
      return;
    }
    const id = (msg.metadata as { cellId?: unknown }).cellId;
    const cell = [...this.model.cells].find(one => one.id === id);
    if (cell === undefined) {
      return; // a question of ours, a console, an extension
    }
    this.#byMessage.delete(this.#byCell.get(cell) ?? '');
    this.#byCell.set(cell, msg.header.msg_id);
    this.#byMessage.set(msg.header.msg_id, { cell, isStamped: false });
  }

  #kernel: Kernel.IKernelConnection | null = null;
  /** The last execution of each cell. */
  readonly #byMessage = new Map<string, Execution>();
  readonly #byCell = new Map<ICellModel, string>();
  #brought = new WeakSet<ICellModel>();
}
