/**
 * Who may write into a notebook, and when: the one place where it is decided. No JupyterLab import.
 *
 * Three things may: an execution of one of the notebook's own cells since its model was loaded, by
 * what its own messages brought; a command that a person gives in this notebook's panel; and the
 * clearing of outputs, which takes their stamps away. Opening, reverting and loading again, another
 * tab, another notebook on the same kernel and a console write nothing.
 *
 * An earlier rule asked which client a message came from and what the kernel knew. It let one
 * notebook's record into a different notebook on the same kernel, let a copied tab write, and brought
 * discarded work back. So cells are identified by their model: a reloaded file and a copy have the
 * same cell ids. A cell that ran without output keeps its stamp, because `why` and `lint` need to know
 * what ran. While you type into the notebook tools, writing waits: JupyterLab rebuilds their forms at
 * each write. If a server runs the cells of a shared document, the client with the lowest awareness id
 * writes. `tests/browser/test_writing.py` runs each case beside the same steps without our extension.
 */

/** What would write. */
export type Cause =
  /** A message of an execution of a cell of this notebook, sent from here. */
  | 'own-cell'
  /** A message of a cell that the server runs, of a document that several people edit. */
  | 'served-cell'
  /** Any other message: another notebook, another tab, a console. */
  | 'other-cell'
  /** A person accepted in this notebook's panel. */
  | 'command'
  /** The kernel answered a question. */
  | 'question'
  /** A person cleared outputs. */
  | 'cleared-outputs';

export interface Circumstances {
  cause: Cause;
  /** The file can be written, and the settings say that we write. */
  canWrite: boolean;
  /** Cells of this notebook brought something in this kernel, since its model was loaded. */
  hasWritten: boolean;
  /** Of all who have the shared document open, this one writes for the server. */
  isElected: boolean;
  /** A person types into the notebook tools, which JupyterLab draws anew at each write. */
  isTypingInTools: boolean;
}

export type Decision = 'write' | 'wait' | 'leave';

/** Decides whether to write now, when the focus has left the notebook tools, or not at all. */
export function decide(now: Circumstances): Decision {
  if (!now.canWrite || !isEntitled(now)) {
    return 'leave';
  }
  return now.isTypingInTools ? 'wait' : 'write';
}

function isEntitled({ cause, hasWritten, isElected }: Circumstances): boolean {
  switch (cause) {
    case 'own-cell':
    case 'command':
    case 'cleared-outputs':
      return true;
    case 'served-cell':
      return isElected;
    case 'question':
      // It adds what is known since to what an execution wrote
      return hasWritten;
    default:
      return false;
  }
}
