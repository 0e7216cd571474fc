import type { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Asked, Asker } from '../../src/notebook/asker';
import { CHECK_TYPE } from '../../src/protocol/parse';
import { sampleCheck } from '../support/answers';

const REQUEST = { document: 'null', attached: true, accept: false, wrote: true, cells: [] };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** An idle kernel that replies when it is let. */
function idleKernel() {
  const futures: { onReply?: (message: unknown) => void; dispose: () => void }[] = [];
  const kernel = {
    status: 'idle',
    connectionStatus: 'connected',
    isDisposed: false,
    info: Promise.resolve({ language_info: { name: 'python' } }),
    requestExecute: () => {
      const future = { done: new Promise(() => {}), dispose: vi.fn() };
      futures.push(future);
      return future;
    }
  };
  const answer = { status: 'ok', data: { [CHECK_TYPE]: sampleCheck() } };
  const reply = (place: number) =>
    futures[place]?.onReply?.({ content: { status: 'ok', user_expressions: { answer } } });
  return { kernel, futures, reply };
}

function askerOf(kernel: object) {
  const signal = new Signal<object, unknown>({});
  const session = {
    session: { kernel },
    kernelChanged: signal,
    statusChanged: signal,
    connectionStatusChanged: signal
  } as unknown as ISessionContext;
  const asked = {
    request: () => REQUEST,
    onAnswer: vi.fn<Asked['onAnswer']>(),
    onPhase: vi.fn<Asked['onPhase']>(),
    onNewKernel: () => true
  };
  return { asker: new Asker(session, asked), asked };
}

describe('a question that is wanted while another one is under way', () => {
  it('waits for its answer, which may tell what is told once', async () => {
    const { kernel, futures, reply } = idleKernel();
    const { asker, asked } = askerOf(kernel);
    asker.want();
    await vi.advanceTimersByTimeAsync(10);
    asker.want();
    await vi.advanceTimersByTimeAsync(10);
    expect(futures).toHaveLength(1);
    reply(0);
    await vi.advanceTimersByTimeAsync(10);
    expect(asked.onAnswer).toHaveBeenCalledOnce();
    expect(futures).toHaveLength(2);
    reply(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(asked.onAnswer).toHaveBeenCalledTimes(2);
    expect(futures).toHaveLength(2);
  });
});
