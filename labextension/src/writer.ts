/** Which tab of a browser writes. */
import { PageConfig } from '@jupyterlab/coreutils';

import { strings } from './validate';

const CLIENTS_KEY = 'jupyter-repro:clients';

const MAX_CLIENTS = 50;

/** Returns the kernel connections of this tab, also those from before it was loaded again. */
export function ownClients(): readonly string[] {
  try {
    return strings(JSON.parse(sessionStorage.getItem(CLIENTS_KEY) ?? '[]'));
  } catch {
    // Storage is switched off, or somebody else wrote there
    return [];
  }
}

/** Notes that a kernel connection is this tab's: a cell may still run when it is loaded again. */
export function rememberClient(id: string): void {
  const clients = ownClients();
  if (clients.includes(id)) {
    return;
  }
  try {
    sessionStorage.setItem(CLIENTS_KEY, JSON.stringify([id, ...clients].slice(0, MAX_CLIENTS)));
  } catch {
    // Without storage only a reload while the recording cell runs goes unnoticed
  }
}

/**
 * One writer among the tabs of a browser.
 *
 * Two tabs that have the same notebook open would both write what the kernel has recorded, and the
 * second one to save would find the file changed. The tab that opened the notebook first may write
 * without having run the cell itself.
 */
export class Writer {
  constructor(path: string) {
    // Browsers give the lock manager to secure pages alone
    const locks = (navigator as Partial<Navigator>).locks;
    if (locks === undefined) {
      this.#isFirst = true;
      return;
    }
    const name = `jupyter-repro:${PageConfig.getBaseUrl()}:${path}`;
    const request = locks.request(name, { signal: this.#waiting.signal }, () => {
      this.#isFirst = true;
      return new Promise<void>(resolve => {
        this.#release = resolve;
      });
    });
    // Closed before its turn came
    request.catch(() => {});
  }

  /** Whether no other tab of this browser had the notebook open before. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  dispose(): void {
    this.#isFirst = false;
    this.#waiting.abort();
    this.#release();
  }

  #isFirst = false;
  #release = (): void => {};
  readonly #waiting = new AbortController();
}
