/**
 * What jupytext does with our stamps. It pairs a notebook with a text file, and writes the metadata of
 * cells into it unless a filter says otherwise; none of our own makes it leave them out. The filter is a
 * person's setting, and may stand in a configuration file, so it is proposed and not set. No
 * JupyterLab import.
 */
import { isRecord } from '../protocol/validate';

/** Returns a note for a paired notebook whose filter lets our stamps through, else none. */
export function jupytextNotes(metadata: unknown): string[] {
  if (!isRecord(metadata) || typeof metadata.formats !== 'string') {
    return [];
  }
  const filter = metadata.cell_metadata_filter;
  const entries = typeof filter === 'string' ? filter.split(',').map(entry => entry.trim()) : [];
  return entries.some(entry => entry === '-jupyter_repro' || entry === '-all') ? [] : [NOTE];
}

const NOTE =
  'jupytext may write the stamps of cells into the paired text file at each run. ' +
  'To leave them out, set cell_metadata_filter to "-jupyter_repro" in the jupytext metadata of this ' +
  'notebook, or in jupytext.toml.';
