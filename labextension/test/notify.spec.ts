import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { afterEach, describe, expect, it } from 'vitest';

import type { Report } from '../src/_schema';
import { DEFAULT_SETTINGS, stateOf } from '../src/model';
import type { NotebookRepro } from '../src/notebook';
import { Muted, notifyDifferences } from '../src/notify';
import type { ReproTracker } from '../src/tracker';
import { sampleCheck, sampleFinding, sampleReport } from './answers';

const PATH = 'work/a.ipynb';

/** A notebook that shows what it is told to. */
class Shown {
  state = stateOf(sampleCheck(), false, 0);
  readonly path = PATH;
  readonly name = 'a.ipynb';
  readonly kernelId = 'k';
  readonly isDisposed = false;
  readonly changed = new Signal<this, void>(this);
  readonly panel = { disposed: new Signal<this, void>(this) };

  show(verdict: Report['verdict']): void {
    const findings = verdict === 'match' ? [] : [sampleFinding('error')];
    const report = sampleReport({ verdict, findings, summary: `It is a ${verdict}.` });
    this.state = stateOf(sampleCheck({ report }), false, 0);
    this.changed.emit();
  }
}

/** What remembers that a notebook is not to be told of; it answers one question when it is let. */
class Store {
  readonly saved: unknown[] = [];
  readonly #answers: ((stored: unknown) => void)[] = [];

  fetch(): Promise<unknown> {
    return new Promise(resolve => this.#answers.push(resolve));
  }

  save(_: string, paths: unknown): Promise<void> {
    this.saved.push(paths);
    return Promise.resolve();
  }

  async answer(...stored: string[]): Promise<void> {
    this.#answers.shift()?.(stored);
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve));
}

function open(store: Store) {
  const notebook = new Shown();
  const added = new Signal<object, NotebookRepro>({});
  const tracker = { added, settings: DEFAULT_SETTINGS } as unknown as ReproTracker;
  const muted = new Muted(store as unknown as IStateDB);
  const dismiss = notifyDifferences(tracker, () => {}, muted, nullTranslator.load('x'));
  const repro = notebook as unknown as NotebookRepro;
  added.emit(repro);
  return { notebook, muted, dismiss: () => dismiss(repro) };
}

function told(): string[] {
  return Notification.manager.notifications.map(({ message }) => message);
}

afterEach(() => {
  Notification.manager.dismiss();
});

describe('a notebook that differs', () => {
  it('is told of once', async () => {
    const store = new Store();
    const { notebook, dismiss } = open(store);
    notebook.show('mismatch');
    await store.answer();
    expect(told()).toEqual(['a.ipynb: It is a mismatch.']);
    dismiss();
    notebook.show('mismatch');
    await settled();
    expect(told()).toEqual([]);
  });

  it('is not told of any more when it matches', async () => {
    const store = new Store();
    const { notebook } = open(store);
    notebook.show('mismatch');
    await store.answer();
    notebook.show('match');
    await settled();
    expect(told()).toEqual([]);
  });

  it('is not told of where it matched before it could be', async () => {
    const store = new Store();
    const { notebook } = open(store);
    notebook.show('mismatch');
    notebook.show('match');
    await store.answer();
    expect(told()).toEqual([]);
    notebook.show('mismatch');
    await settled();
    expect(told()).toEqual(['a.ipynb: It is a mismatch.']);
  });

  it('is not told of where nobody wants it', async () => {
    const store = new Store();
    const { notebook } = open(store);
    notebook.show('mismatch');
    await store.answer(PATH);
    expect(told()).toEqual([]);
  });
});

describe('a notebook that nobody wants to be told of', () => {
  it('is remembered beside the others, however late they are known', async () => {
    const store = new Store();
    const muted = new Muted(store as unknown as IStateDB);
    const asked = muted.has(PATH);
    const adding = muted.add(PATH);
    const askedAgain = muted.has(PATH);
    for (let answers = 0; answers < 3; answers += 1) {
      await store.answer('b.ipynb');
    }
    await adding;
    expect([await asked, await askedAgain]).toEqual([false, false]);
    await expect(muted.has(PATH)).resolves.toBe(true);
    expect(store.saved).toEqual([[PATH, 'b.ipynb']]);
  });
});
