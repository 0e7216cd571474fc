/**
 * What a notebook holds after an execution has brought something. The front end merges this by itself:
 * the kernel may never answer a question again, and it does not know what the notebook holds after
 * *Restart and run all*. `jupyter_repro.notebook.record` has the whole rule; a test compares the two
 * with cases that it has made. No JupyterLab import.
 */
import type { Arrival, Document } from '../protocol/_schema';
import { isEqual } from '../protocol/json';
import { isRecord } from '../protocol/validate';

type Results = NonNullable<Document['results']>;
type Result = Results[string];

/** Values of one result that are kept, the newest ones; Python's `MAX_HISTORY`. */
const MAX_HISTORY = 20;
/** Python's `MAX_RESULTS`. */
const MAX_RESULTS = 200;

/** Returns what the notebook should hold, or null where it has no record and should begin none. */
export function arrive(document: Document | null, arrival: Arrival): Document | null {
  const before = document ?? begun(arrival);
  if (before === null) {
    return null;
  }
  const next = withEnvironment(before, arrival);
  if (arrival.policy != null) {
    next.policy = arrival.policy;
  }
  let results = merge(next.results ?? {}, arrival.results ?? {});
  if (arrival.does === 'accept') {
    results = accepted(results);
  }
  if (Object.keys(results).length > 0) {
    next.results = results;
  }
  return next;
}

function begun({ does, findings, schema_version, snapshot }: Arrival): Document | null {
  if (does == null || snapshot == null) {
    return null;
  }
  const seen = findings?.length ? { findings } : {};
  return { schema_version, reference: snapshot, ...seen };
}

/** A run never replaces the reference: another environment becomes `latest`. */
function withEnvironment(document: Document, { digest, does, snapshot }: Arrival): Document {
  const next = { ...document };
  const { reference, latest } = document;
  const here = [reference, latest].find(known => known?.digest === digest) ?? snapshot;
  if (here == null) {
    return next;
  }
  if (does === 'accept') {
    next.reference = here;
  }
  if (next.reference.digest === digest) {
    delete next.latest;
  } else {
    next.latest = here;
  }
  return next;
}

function merge(recorded: Results, run: Results): Results {
  const merged = { ...recorded };
  for (const [name, result] of Object.entries(run)) {
    const old = recorded[name];
    if (old !== undefined) {
      merged[name] = renewed(old, result);
    } else if (Object.keys(merged).length < MAX_RESULTS) {
      merged[name] = result;
    }
  }
  return merged;
}

/** What is stored may be a stranger's: of what has another form nothing is taken. */
function renewed(old: Result, { parts, cell, tolerance, history }: Result): Result {
  const past = Array.isArray(old.history) ? old.history.filter(isRecord) : [];
  const news = (history ?? []).filter(
    now => !past.some(then => then.env === now.env && then.value === now.value)
  );
  const next = { ...old, history: [...past, ...news].slice(-MAX_HISTORY) };
  if (cell != null) {
    next.cell = cell;
  }
  if (tolerance != null) {
    next.tolerance = tolerance;
  }
  if (isEqual(old.parts, parts)) {
    delete next.latest;
  } else {
    next.latest = parts;
  }
  return next;
}

function accepted(results: Results): Results {
  return Object.fromEntries(
    Object.entries(results).map(([name, { latest, ...rest }]) => [
      name,
      latest == null ? rest : { ...rest, parts: latest }
    ])
  );
}
