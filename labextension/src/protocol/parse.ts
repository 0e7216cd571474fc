/**
 * From what came in to what can be trusted: the kernel's answers and a stranger's metadata.
 *
 * No JupyterLab import.
 */
import type { Arrival, CellStamp, Check, Document, Message, PackageRow, Packages } from './_schema';
import definitions from './_definitions';
import { isShallow } from './json';
import { isRecord, misfit } from './validate';

/** Of the stored documents and of the messages; raised together with Python's. */
export const SCHEMA_VERSION = 1;

/** Under which a notebook and its cells keep what is ours. */
export const METADATA_KEY = 'jupyter_repro';

export const MESSAGE_TYPE = 'application/vnd.jupyter-repro.snapshot+json';
export const CHECK_TYPE = 'application/vnd.jupyter-repro.check+json';

/** Characters of metadata that are sent to a kernel: more than 50 000 packages need. */
export const MAX_CHARACTERS = 20_000_000;

/** Our documents are nested 6 levels deep. */
const MAX_DEPTH = 32;

/** Something came in that is not what it should be; the message says what, in one sentence. */
export class UnreadableError extends Error {
  override name = 'UnreadableError';
}

/** An answer or a document of another version of jupyter_repro. */
export class VersionError extends UnreadableError {
  /**
   * @param found - its format
   * @param tool - the version that wrote it, where it says so
   */
  constructor(
    readonly found: number,
    readonly tool: string | null
  ) {
    super(
      `It was written by ${found > SCHEMA_VERSION ? 'a newer' : 'an older'} version of ` +
        `jupyter_repro (format ${found}, this one reads ${SCHEMA_VERSION}).`
    );
  }
}

/**
 * Returns the text of the metadata as they are sent to the kernel.
 *
 * @throws UnreadableError - where they are too large or nested too deeply to be ours
 */
export function encodeMetadata(value: unknown): string {
  if (!isShallow(value, MAX_DEPTH)) {
    throw new UnreadableError('The metadata are nested too deeply to be from jupyter_repro.');
  }
  const text = JSON.stringify(value ?? null);
  if (text.length > MAX_CHARACTERS) {
    throw new UnreadableError('The metadata are too large to be from jupyter_repro.');
  }
  return text;
}

/**
 * Returns what a notebook has recorded, or null where it has nothing.
 *
 * @throws UnreadableError - where the metadata are something else
 */
export function parseDocument(value: unknown): Document | null {
  if (value == null) {
    return null;
  }
  rejectOtherVersion(value);
  return checked(value, 'Document', 'The metadata') as Document;
}

/**
 * Returns the kernel's answer.
 *
 * @throws VersionError - where the kernel has another version
 * @throws UnreadableError - where it is no answer
 */
export function parseCheck(value: unknown): Check {
  rejectOtherVersion(value);
  return checked(value, 'Check', "The kernel's answer") as Check;
}

/** Returns the rows of the table of packages, or null where a text holds none. */
export function parsePackages(text: string | null): PackageRow[] | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return fits(value, 'Packages') ? (value as unknown as Packages).rows : null;
  } catch {
    return null;
  }
}

/** Returns the message in the data of an output, or null where there is none that is readable. */
export function parseMessage(data: unknown): Message | null {
  const value = isRecord(data) ? data[MESSAGE_TYPE] : undefined;
  return fits(value, 'Message') ? (value as unknown as Message) : null;
}

/** Returns what an execution brings, in the `transient` part of a message, or null. */
export function parseArrival(transient: unknown): Arrival | null {
  const value = isRecord(transient) ? transient[METADATA_KEY] : undefined;
  const isOurs = isRecord(value) && value.schema_version === SCHEMA_VERSION;
  return isOurs && fits(value, 'Arrival') ? (value as unknown as Arrival) : null;
}

/** Returns which environment a cell is stamped with, or null. */
export function parseStamp(value: unknown): string | null {
  return fits(value, 'CellStamp') ? ((value as CellStamp).env ?? null) : null;
}

/** Says which version it is before saying what does not fit: that follows from it. */
function rejectOtherVersion(value: unknown): void {
  const version = isRecord(value) ? value.schema_version : undefined;
  if (typeof version === 'number' && Number.isInteger(version) && version !== SCHEMA_VERSION) {
    const tool = (value as Record<string, unknown>).tool;
    throw new VersionError(version, typeof tool === 'string' ? tool : null);
  }
}

function checked(value: unknown, name: string, subject: string): unknown {
  const place = misfit(value, name, definitions);
  if (place !== null) {
    throw new UnreadableError(`${subject} cannot be read${place === '' ? '' : ` at ${place}`}.`);
  }
  return value;
}

function fits(value: unknown, name: string): value is object {
  return misfit(value, name, definitions) === null;
}
