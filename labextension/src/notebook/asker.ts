/**
 * Decides when a notebook's kernel is asked: never while it is busy, again after an interruption, and
 * afresh when the kernel began anew. What is asked and what follows is the notebook's matter.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { type Answer, askCheck, askText } from './kernel';
import type { Request } from '../protocol/question';

/** After a start several busy and idle messages follow each other. */
const SETTLE_MS = 100;

/** A cell that is done sooner is not worth a change on the screen. */
const BUSY_MS = 300;

/**
 * After it has restarted a kernel by itself, JupyterLab may say "starting" until the next cell runs.
 * A question that comes too early only waits.
 */
const START_MS = 1500;

const MAX_ABORTED = 3;

/** Why there is no answer yet. */
export type Phase =
  | { kind: 'starting' }
  | { kind: 'busy' }
  | { kind: 'dead' }
  | { kind: 'no-kernel' }
  | { kind: 'not-python'; language: string };

export interface Asked {
  /** Returns what to ask, or null where it cannot be put into words. */
  request: (accept: boolean) => Request | null;
  onAnswer: (answer: Answer, request: Request) => void;
  onPhase: (phase: Phase) => void;
  /** The kernel is another one or began anew; returns whether to ask it. */
  onNewKernel: () => boolean;
}

export class Asker {
  constructor(session: ISessionContext, asked: Asked) {
    this.#session = session;
    this.#asked = asked;
    session.kernelChanged.connect(this.#onKernel, this);
    session.statusChanged.connect(this.#onStatus, this);
    session.connectionStatusChanged.connect(this.#onConnection, this);
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this.#session.session?.kernel ?? null;
  }

  dispose(): void {
    Signal.clearData(this);
    this.#isDisposed = true;
    this.#stop();
  }

  /** Asks as soon as the kernel is idle. */
  want(delay = 0): void {
    this.#isWanted = true;
    this.#aborted = 0;
    this.#proceed(delay);
  }

  /** Asks now. Returns false where the kernel could not be asked or did not answer. */
  async ask(accept = false): Promise<boolean> {
    const kernel = this.kernel;
    if (kernel === null || !isReachable(kernel)) {
      this.#proceed(0);
      return false;
    }
    this.#stop();
    const asking = new AbortController();
    this.#asking = asking;
    const language = await languageOf(kernel);
    if (this.#asking !== asking) {
      return false;
    }
    const isOther = language !== null && language !== 'python';
    const request = isOther ? null : this.#asked.request(accept);
    this.#isWanted = false;
    if (request === null) {
      this.#asking = null;
      if (isOther) {
        this.#asked.onPhase({ kind: 'not-python', language });
      }
      return false;
    }
    const answer = await askCheck(kernel, request, asking.signal);
    if (this.#asking !== asking) {
      return false;
    }
    this.#asking = null;
    return this.#receive(answer, request);
  }

  /** Asks for a text; null where the kernel is not idle or cannot tell. */
  async askText(question: string, request: string): Promise<string | null> {
    const kernel = this.kernel;
    // Behind a question of ours there is no cell to wait for
    if (kernel === null || !(this.#asking !== null || isReachable(kernel))) {
      return null;
    }
    return askText(kernel, question, request, new AbortController().signal);
  }

  #receive(answer: Answer, request: Request): boolean {
    if (answer.kind !== 'aborted') {
      this.#aborted = 0;
      this.#asked.onAnswer(answer, request);
      if (this.#isWanted) {
        this.#proceed(0);
      } else if (answer.kind === 'timeout') {
        // It may be busy without our knowing: then it is asked when it says that it is idle
        this.#isWanted = true;
      }
      return answer.kind === 'check';
    }
    // It stood behind a cell that failed or was interrupted
    this.#aborted += 1;
    if (this.#aborted >= MAX_ABORTED) {
      this.#aborted = 0;
      this.#asked.onAnswer({ kind: 'timeout' }, request);
      return false;
    }
    this.#isWanted = true;
    this.#proceed(SETTLE_MS);
    return false;
  }

  /** Does what the kernel's status allows towards the question that is wanted. */
  #proceed(delay: number): void {
    const kernel = this.kernel;
    if (this.#isDisposed) {
      return;
    }
    if (kernel === null) {
      const isComing = !this.#session.isReady && !this.#session.hasNoKernel;
      this.#asked.onPhase({ kind: isComing ? 'starting' : 'no-kernel' });
    } else if (kernel.status === 'idle') {
      // An acceptance is told once: the answer that is under way must not be lost. What is wanted
      // meanwhile is asked after it.
      if (this.#asking === null) {
        this.#later(delay, () => void this.ask());
      }
    } else if (kernel.status === 'busy') {
      this.#later(BUSY_MS, () => this.#asked.onPhase({ kind: 'busy' }));
    } else if (kernel.status === 'dead') {
      this.#asked.onPhase({ kind: 'dead' });
    } else {
      this.#asked.onPhase({ kind: 'starting' });
      if (isReachable(kernel)) {
        this.#later(START_MS, () => void this.ask());
      }
    }
  }

  /** One thing is due at a time: the later one replaces the earlier. */
  #later(delay: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
  }

  #startOver(): void {
    this.#stop();
    this.#aborted = 0;
    this.#isWanted = this.#asked.onNewKernel();
  }

  #onKernel(): void {
    this.#startOver();
    if (this.#isWanted || this.kernel === null) {
      this.#proceed(SETTLE_MS);
    }
  }

  #onStatus(_: unknown, status: Kernel.Status): void {
    switch (status) {
      case 'starting':
      case 'restarting':
      case 'autorestarting':
        this.#startOver();
        this.#isSettling = true;
        this.#asked.onPhase({ kind: 'starting' });
        if (this.#isWanted) {
          this.#proceed(0);
        }
        return;
      case 'dead':
        this.#stop();
        this.#asked.onPhase({ kind: 'dead' });
        return;
      case 'idle':
      case 'busy':
        // While a question is under way it is the one that keeps the kernel busy
        if (this.#isWanted && this.#asking === null) {
          this.#proceed(this.#isSettling ? SETTLE_MS : 0);
        }
        if (status === 'idle') {
          this.#isSettling = false;
        }
        return;
      default:
        return;
    }
  }

  #onConnection(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status === 'connected' && this.#isWanted && this.#asking === null) {
      this.#proceed(SETTLE_MS);
    }
  }

  readonly #session: ISessionContext;
  readonly #asked: Asked;
  #isWanted = false;
  #isSettling = false;
  #isDisposed = false;
  #aborted = 0;
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
}

/** Returns what a kernel says of itself; null where it does not: then the question will show. */
async function languageOf(kernel: Kernel.IKernelConnection): Promise<string | null> {
  const patience = new Promise<null>(resolve => setTimeout(() => resolve(null), START_MS));
  const info = await Promise.race([kernel.info, patience]);
  return info?.language_info.name ?? null;
}

/** Whether a question would be answered, or wait for no cell. */
function isReachable(kernel: Kernel.IKernelConnection): boolean {
  return (
    !kernel.isDisposed &&
    kernel.connectionStatus === 'connected' &&
    ['idle', 'starting', 'unknown'].includes(kernel.status)
  );
}
