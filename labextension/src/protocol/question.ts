/**
 * The question to the kernel, as a Python expression. No JupyterLab import.
 */

/** What is asked about one notebook. */
export interface Request {
  /** JSON of the notebook's metadata as they are. */
  document: string;
  /** We write the metadata, so outputs need not carry the snapshot. */
  attached: boolean;
  /** Make the kernel's environment the reference. */
  accept: boolean;
  /** Cells of the notebook have brought what it holds, in this kernel. */
  wrote: boolean;
  /** Ids of the notebook's cells: what was seen in others is not its own. */
  cells: string[];
}

/**
 * A kernel starts in the notebook's own folder and finds modules there: a stranger's
 * `jupyter_repro.py` or `msgspec.py` beside the notebook must not be run by opening it. So
 * the usual search of `sys.path` passes over the present folder while the question is answered, in
 * this thread alone. `sys.path` itself stays as it is, for it is part of what is recorded.
 */
export const CODE = `
import os, sys, threading
from importlib.machinery import PathFinder
here, me = os.path.realpath(os.getcwd()), threading.get_ident()
def beside(place):
 return os.path.realpath(place or here) == here
path = [place for place in sys.path if isinstance(place, str) and not beside(place)]
class Elsewhere(PathFinder):
 @staticmethod
 def find_spec(name, places=None, target=None):
  if places is None and threading.get_ident() == me:
   places = path
  return PathFinder.find_spec(name, places, target)
def replace(old, new):
 sys.meta_path[:] = [new if finder is old else finder for finder in sys.meta_path]
loaded = sys.modules.get("jupyter_repro")
folder = os.path.dirname(getattr(getattr(loaded, "__spec__", None), "origin", None) or "")
if loaded is not None and (beside(folder) or beside(os.path.dirname(folder))):
 raise ModuleNotFoundError("No module named 'jupyter_repro'", name="jupyter_repro")
replace(PathFinder, Elsewhere)
try:
 from jupyter_repro import remote
 answer = getattr(remote, question)(request)
finally:
 replace(Elsewhere, PathFinder)
`;

/** Returns the JSON that the kernel's side decodes. */
export function encodeRequest({ document, ...rest }: Request): string {
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"document":${document}}`;
}

/**
 * Returns an expression that asks `jupyter_repro.remote.<question>(<request>)`.
 *
 * It leaves nothing behind in the user's namespace.
 */
export function expression(question: string, request: string): string {
  // A JSON string is a Python string too
  const names = `{"question": ${JSON.stringify(question)}, "request": ${JSON.stringify(request)}}`;
  return `(lambda names: (exec(${JSON.stringify(CODE)}, names), names["answer"])[1])(${names})`;
}
