/**
 * Between the kernel's messages and the notebook's metadata: what is ours, what may be written.
 */
import { type ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import type { JSONObject, PartialJSONObject } from '@lumino/coreutils';

import type { Arrival, CellStamp, Document, Message } from '../protocol/_schema';
import { isEqual } from '../protocol/json';
import {
  MESSAGE_TYPE,
  METADATA_KEY,
  parseArrival,
  parseMessage,
  parseStamp
} from '../protocol/parse';
import { isRecord } from '../protocol/validate';

/** What a message of the kernel says to a notebook. */
export interface Told {
  /** What `%repro` displays, in any version. */
  message: Message | null;
  /** What the execution brings; version 0.1.0 sends none. */
  arrival: Arrival | null;
}

/** Returns what is ours in a message, or null where there is nothing. */
export function toldBy({ header, content }: KernelMessage.IMessage): Told | null {
  if (header.msg_type !== 'display_data' && header.msg_type !== 'update_display_data') {
    return null;
  }
  const { data, transient } = content as KernelMessage.IDisplayDataMsg['content'];
  const message = parseMessage(data);
  const arrival = parseArrival(transient);
  return message === null && arrival === null ? null : { message, arrival };
}

/** Whether the notebook's file can be written: the model's own `readOnly` does not say it. */
export function isWritable(context: DocumentRegistry.IContext<INotebookModel>): boolean {
  return context.contentsModel?.writable !== false && !context.model.readOnly;
}

/** Writes what the notebook has recorded; returns whether that was something new. */
export function writeDocument(model: INotebookModel, document: Document): boolean {
  if (isEqual(model.getMetadata(METADATA_KEY), document)) {
    return false;
  }
  model.setMetadata(METADATA_KEY, document);
  return true;
}

/**
 * Takes the snapshots out of the outputs that brought them: the metadata hold them now.
 *
 * @param digests - of the snapshots that the metadata hold
 */
export function stripSnapshots(model: INotebookModel, digests: readonly string[]): void {
  for (const cell of model.cells) {
    if (!isCodeCellModel(cell)) {
      continue;
    }
    for (let index = 0; index < cell.outputs.length; index++) {
      const output = cell.outputs.get(index).toJSON();
      const data = isRecord(output.data) ? output.data : {};
      const message = parseMessage(data);
      if (message?.snapshot != null && digests.includes(message.digest)) {
        const rest: Partial<Message> = { ...message };
        delete rest.snapshot;
        delete rest.findings;
        delete rest.results;
        delete rest.stamps;
        const stripped = { ...data, [MESSAGE_TYPE]: rest as PartialJSONObject };
        cell.outputs.set(index, { ...output, data: stripped });
      }
    }
  }
}

/** Returns which environment a cell's outputs were made in, or null. */
export function readStamp(cell: ICellModel): string | null {
  return parseStamp(cell.getMetadata(METADATA_KEY));
}

/**
 * Writes how a cell's outputs were made, in the place of what an earlier run left.
 *
 * @param stamp - without what is not known: better no stamp than a wrong one
 * @returns whether anything changed
 */
export function writeStamp(cell: ICellModel, stamp: CellStamp): boolean {
  const before: unknown = cell.getMetadata(METADATA_KEY);
  const after: JSONObject = isRecord(before) ? { ...(before as JSONObject) } : {};
  delete after.env;
  delete after.source;
  delete after.rng;
  Object.assign(after, stamp);
  const isEmpty = Object.keys(after).length === 0;
  if (isEqual(before, isEmpty ? undefined : after)) {
    return false;
  }
  if (isEmpty) {
    cell.deleteMetadata(METADATA_KEY);
  } else {
    cell.setMetadata(METADATA_KEY, after);
  }
  return true;
}
