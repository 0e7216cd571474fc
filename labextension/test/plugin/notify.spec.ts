import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { afterEach, describe, expect, it } from 'vitest';

import type { Report, ResultCheck } from '../../src/protocol/_schema';
import { checkedOf, DEFAULT_SETTINGS, stateOf } from '../../src/notebook/model';
import type { NotebookRepro } from '../../src/notebook/notebook';
import { Muted, notifyDifferences } from '../../src/plugin/notify';
import type { ReproTracker } from '../../src/notebook/tracker';
import { sampleCheck, sampleFinding, sampleReport } from '../support/answers';

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

  give(...results: ResultCheck[]): void {
    const stray = results.filter(({ outcome }) => outcome === 'different');
    const overall = {
      verdict: stray.length > 0 ? 'mismatch' : 'match',
      summary: stray.map(({ name, current }) => `${name} ${current}, recorded 1`).join(', '),
      differences: stray.length
    } as const;
    this.state = stateOf(sampleCheck({ results, overall }), false, 0);
    this.changed.emit();
  }

  show(verdict: Report['verdict']): void {
    const findings = verdict === 'match' ? [] : [sampleFinding('error')];
    const report = sampleReport({ verdict, findings, summary: `It is a ${verdict}.` });
    this.state = stateOf(sampleCheck({ report }), false, 0);
    this.changed.emit();
  }
}

/** A result whose value this is; it was recorded as 1. */
function loss(current: string, name = 'loss'): ResultCheck {
  const outcome = current === '1' ? 'identical' : 'different';
  const fails = outcome === 'different';
  return { name, outcome, reference: '1', current, fails, why: `${name} is ${current}, not 1.` };
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

function open(store: Store, settings = DEFAULT_SETTINGS) {
  const notebook = new Shown();
  const added = new Signal<object, NotebookRepro>({});
  const tracker = { added, settings } as unknown as ReproTracker;
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

describe('a result that leaves its tolerance', () => {
  it('is told of once a value, until it holds again', async () => {
    const store = new Store();
    const { notebook, dismiss } = open(store);
    notebook.give(loss('2'));
    await store.answer();
    expect(told()).toEqual(['a.ipynb: loss 2, recorded 1']);
    dismiss();
    notebook.give(loss('2'), loss('1', 'accuracy'));
    await settled();
    expect(told()).toEqual([]);
    notebook.give(loss('3'));
    await settled();
    expect(told()).toEqual(['a.ipynb: loss 3, recorded 1']);
    notebook.give(loss('1'));
    await settled();
    expect(told()).toEqual([]);
  });

  it('is counted beside others, and what is told follows what holds', async () => {
    const store = new Store();
    const { notebook } = open(store);
    notebook.give(loss('2', 'a'), loss('2', 'b'));
    await store.answer();
    expect(told()).toEqual(['a.ipynb: a 2, recorded 1, b 2, recorded 1']);
    notebook.give(loss('2', 'b'), loss('1', 'a'));
    await settled();
    expect(told()).toEqual(['a.ipynb: b 2, recorded 1']);
  });

  it('is told of together with an environment that differs, in one sentence', async () => {
    const store = new Store();
    const { notebook } = open(store);
    notebook.show('mismatch');
    await store.answer();
    const { report = null } = checkedOf(notebook.state) ?? {};
    const overall = { verdict: 'mismatch', summary: 'Both differ.', differences: 2 } as const;
    const check = sampleCheck({ report, results: [loss('2')], overall });
    notebook.state = stateOf(check, false, 0);
    notebook.changed.emit();
    await settled();
    expect(told()).toEqual(['a.ipynb: Both differ.']);
  });

  it('is told of where it was not run here and was outside when it was last recorded', async () => {
    const store = new Store();
    const { notebook } = open(store);
    const stale = { ...loss(''), outcome: 'not run', fails: true } as const;
    const overall = { verdict: 'mismatch', summary: 'It was outside.', differences: 1 } as const;
    notebook.state = stateOf(sampleCheck({ results: [stale], overall }), false, 0);
    notebook.changed.emit();
    await store.answer();
    expect(told()).toEqual(['a.ipynb: It was outside.']);
  });

  it('is not told of where it was not run and nothing is known against it', async () => {
    const store = new Store();
    const { notebook } = open(store);
    const unrun = { ...loss(''), outcome: 'not run', fails: false } as const;
    const overall = { verdict: 'not run', summary: 'It was not run.', differences: 0 } as const;
    notebook.state = stateOf(sampleCheck({ results: [unrun], overall }), false, 0);
    notebook.changed.emit();
    await store.answer();
    expect(told()).toEqual([]);
  });

  it.each([
    ['in a notebook that nobody wants to be told of', DEFAULT_SETTINGS, [PATH]],
    ['where nothing is to be told', { ...DEFAULT_SETTINGS, notify: 'never' } as const, []]
  ])('is not told of %s', async (_, settings, paths) => {
    const store = new Store();
    const { notebook } = open(store, settings);
    notebook.give(loss('2'));
    await store.answer(...paths);
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
