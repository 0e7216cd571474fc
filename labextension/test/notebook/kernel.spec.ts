import type { Kernel } from '@jupyterlab/services';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { askCheck, askText, TIMEOUT_MS } from '../../src/notebook/kernel';
import { CHECK_TYPE } from '../../src/protocol/parse';
import { encodeRequest } from '../../src/protocol/question';
import { sampleCheck } from '../support/answers';

const REQUEST = { document: 'null', attached: true, accept: false, wrote: true, cells: ['a'] };

/** A kernel that replies with this; a promise that never ends is one that is silent. */
function kernelWith(reply: Promise<unknown>, status = 'idle') {
  const future = {
    // It never says that it is idle again: the reply is enough
    done: Promise.race([reply.then(() => new Promise(() => {})), new Promise(() => {})]),
    onReply: vi.fn<(message: unknown) => void>(),
    dispose: vi.fn()
  };
  reply.then(message => queueMicrotask(() => future.onReply(message))).catch(() => {});
  const requestExecute = vi.fn(() => future);
  const kernel = { status, isDisposed: false, requestExecute } as unknown;
  return { kernel: kernel as Kernel.IKernelConnection, future, requestExecute };
}

function replyWith(answer: unknown): Promise<unknown> {
  return Promise.resolve({ content: { status: 'ok', user_expressions: { answer } } });
}

function ask(kernel: Kernel.IKernelConnection, signal = new AbortController().signal) {
  return askCheck(kernel, REQUEST, signal);
}

const error = (ename: string, evalue: string) => ({ status: 'error', ename, evalue });

describe('the answer to a question', () => {
  it('is read', async () => {
    const data = { 'text/plain': 'x', [CHECK_TYPE]: sampleCheck() };
    const { kernel, requestExecute, future } = kernelWith(replyWith({ status: 'ok', data }));
    expect(await ask(kernel)).toEqual({ kind: 'check', check: sampleCheck() });
    expect(requestExecute).toHaveBeenCalledWith(
      expect.objectContaining({ code: '', silent: true, store_history: false, allow_stdin: false })
    );
    expect(future.dispose).toHaveBeenCalled();
  });

  it.each([
    [undefined, 'garbled'],
    ['text', 'garbled'],
    [{ status: 'ok' }, 'garbled'],
    [{ status: 'ok', data: { [CHECK_TYPE]: [] } }, 'garbled'],
    [{ status: 'ok', data: { [CHECK_TYPE]: { schema_version: 99 } } }, 'outdated'],
    [error('ModuleNotFoundError', "No module named 'jupyter_repro'"), 'not-installed'],
    [error('ModuleNotFoundError', "No module named 'msgspec'"), 'garbled'],
    [error('AttributeError', "module 'jupyter_repro.remote' has no attribute 'check'"), 'outdated'],
    [error('ImportError', "cannot import name 'remote' from 'jupyter_repro'"), 'outdated'],
    [error('ZeroDivisionError', 'x'), 'garbled']
  ])('%j is %s', async (answer, kind) => {
    const { kernel } = kernelWith(replyWith(answer));
    expect(await ask(kernel)).toMatchObject({ kind });
  });

  it('says whom to update', async () => {
    const answer = { schema_version: 0, tool: '0.0.7' };
    const older = { status: 'ok', data: { [CHECK_TYPE]: answer } };
    expect(await ask(kernelWith(replyWith(older)).kernel)).toEqual({
      kind: 'outdated',
      which: 'kernel',
      kernel: '0.0.7'
    });
  });

  it('is none where a cell before it failed', async () => {
    const { kernel } = kernelWith(Promise.resolve({ content: { status: 'aborted' } }));
    expect(await ask(kernel)).toEqual({ kind: 'aborted' });
  });

  it('is none where the kernel goes away', async () => {
    const { kernel } = kernelWith(Promise.reject(new Error('Canceled')));
    expect(await ask(kernel)).toEqual({ kind: 'aborted' });
  });

  it('is not asked for from a dead kernel', async () => {
    const { kernel, requestExecute } = kernelWith(replyWith(undefined), 'dead');
    expect(await ask(kernel)).toEqual({ kind: 'aborted' });
    expect(requestExecute).not.toHaveBeenCalled();
  });

  it('may be a text', async () => {
    const data = { 'text/plain': 'name: pt\n' };
    const { kernel } = kernelWith(replyWith({ status: 'ok', data }));
    expect(await askText(kernel, 'environment', '{}', new AbortController().signal)).toBe(
      'name: pt\n'
    );
  });

  it('is no text where it is an error', async () => {
    const { kernel } = kernelWith(replyWith(error('AttributeError', 'x')));
    expect(await askText(kernel, 'environment', '{}', new AbortController().signal)).toBeNull();
  });
});

describe('a silent kernel', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is waited for, but not for ever', async () => {
    const { kernel, future } = kernelWith(new Promise(() => {}));
    const answer = ask(kernel);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(await answer).toEqual({ kind: 'timeout' });
    expect(future.dispose).toHaveBeenCalled();
  });

  it('is left when the question is withdrawn', async () => {
    const { kernel, future } = kernelWith(new Promise(() => {}));
    const asking = new AbortController();
    const answer = ask(kernel, asking.signal);
    asking.abort();
    expect(await answer).toEqual({ kind: 'aborted' });
    expect(future.dispose).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a request', () => {
  it('is JSON that holds the document as it is', () => {
    const document = '{"a":"\\ud800\\""}';
    expect(
      encodeRequest({ document, attached: true, accept: false, wrote: false, cells: [] })
    ).toBe(`{"attached":true,"accept":false,"wrote":false,"cells":[],"document":${document}}`);
  });
});
