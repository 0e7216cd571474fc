/**
 * Asks a kernel, without leaving a trace in it: no execution count moves, nothing enters the history
 * or the user's namespace.
 *
 * Ask only an idle kernel: a question to a busy one waits, and one behind a failing cell is aborted.
 */
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { Check } from '../protocol/_schema';
import {
  CHECK_TYPE,
  parseCheck,
  SCHEMA_VERSION,
  UnreadableError,
  VersionError
} from '../protocol/parse';
import { encodeRequest, expression, type Request } from '../protocol/question';
import { isRecord } from '../protocol/validate';

export const TIMEOUT_MS = 5000;

export type Answer =
  | { kind: 'check'; check: Check }
  | { kind: 'aborted' }
  | { kind: 'timeout' }
  | { kind: 'not-installed' }
  | { kind: 'outdated'; which: 'kernel' | 'extension'; kernel: string | null }
  | { kind: 'garbled'; reason: string };

/**
 * Asks how a kernel compares with what a notebook has recorded.
 *
 * @param signal - ends the wait; the answer is `aborted` then
 */
export async function askCheck(
  kernel: Kernel.IKernelConnection,
  request: Request,
  signal: AbortSignal
): Promise<Answer> {
  const reply = await askExpression(kernel, 'check', encodeRequest(request), signal);
  return typeof reply === 'string' ? { kind: reply } : readCheck(reply);
}

/**
 * Asks for a text, like that of an environment.yml.
 *
 * @returns null where the kernel's jupyter_repro does not know the question
 */
export async function askText(
  kernel: Kernel.IKernelConnection,
  question: string,
  request: string,
  signal: AbortSignal
): Promise<string | null> {
  const reply = await askExpression(kernel, question, request, signal);
  const data = typeof reply === 'string' ? undefined : mimeData(reply);
  const text = isRecord(data) ? data['text/plain'] : undefined;
  return typeof text === 'string' ? text : null;
}

type Reply = KernelMessage.IExecuteReplyMsg['content'];

async function askExpression(
  kernel: Kernel.IKernelConnection,
  question: string,
  request: string,
  signal: AbortSignal
): Promise<Reply | 'aborted' | 'timeout'> {
  if (signal.aborted || kernel.isDisposed || kernel.status === 'dead') {
    return 'aborted';
  }
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { answer: expression(question, request) }
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = new Promise<'aborted' | 'timeout'>(resolve => {
    timer = setTimeout(() => resolve('timeout'), TIMEOUT_MS);
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  // The reply itself: `done` waits until the kernel has said that it is idle as well
  const replied = new Promise<Reply | 'aborted'>(resolve => {
    future.onReply = ({ content }) => resolve(content.status === 'aborted' ? 'aborted' : content);
    // The future is cancelled when the kernel restarts or dies
    future.done.catch(() => resolve('aborted'));
  });
  try {
    return await Promise.race([replied, ended]);
  } finally {
    clearTimeout(timer);
    future.dispose();
  }
}

function mimeData(reply: Reply): unknown {
  const expressions = 'user_expressions' in reply ? reply.user_expressions : undefined;
  const answer: unknown = isRecord(expressions) ? expressions.answer : undefined;
  return isRecord(answer) && answer.status === 'ok' ? answer.data : answer;
}

function readCheck(reply: Reply): Answer {
  const data = mimeData(reply);
  if (!isRecord(data)) {
    return { kind: 'garbled', reason: 'It did not answer the question.' };
  }
  if (data.status === 'error') {
    return readFailure(String(data.ename), String(data.evalue));
  }
  try {
    return { kind: 'check', check: parseCheck(data[CHECK_TYPE]) };
  } catch (error) {
    if (error instanceof VersionError) {
      const which = error.found > SCHEMA_VERSION ? 'extension' : 'kernel';
      return { kind: 'outdated', which, kernel: error.tool };
    }
    if (error instanceof UnreadableError) {
      return { kind: 'garbled', reason: error.message };
    }
    throw error;
  }
}

function readFailure(name: string, value: string): Answer {
  if (name === 'ModuleNotFoundError' && value.includes("'jupyter_repro'")) {
    return { kind: 'not-installed' };
  }
  const isOld =
    (name === 'ImportError' && value.includes("'remote'")) ||
    (name === 'AttributeError' && value.includes("'jupyter_repro.remote'"));
  if (isOld) {
    return { kind: 'outdated', which: 'kernel', kernel: null };
  }
  return { kind: 'garbled', reason: `${name}: ${value}`.slice(0, 500) };
}
