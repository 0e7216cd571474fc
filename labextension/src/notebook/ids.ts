/**
 * What a file without cell ids keeps of the record. Before format 4.5 cells have no ids in the file, so
 * JupyterLab gives them new ones each time it opens it: a record that names them would change the file
 * after each opening and name nothing. No JupyterLab import.
 */
import type { Document } from '../protocol/_schema';
import { isEqual } from '../protocol/json';
import { isRecord } from '../protocol/validate';

/** Returns whether a file of this format keeps the ids of its cells. */
export function keepsIds({ nbformat, nbformatMinor }: Format): boolean {
  return nbformat > 4 || (nbformat === 4 && nbformatMinor >= 5);
}

export interface Format {
  readonly nbformat: number;
  readonly nbformatMinor: number;
}

/** Returns the record without the names of cells, and without lines that only a cell explains. */
export function withoutCells(document: Document): Document {
  const next = { ...document };
  if (isRecord(document.results)) {
    const entries = Object.entries(document.results);
    next.results = Object.fromEntries(entries.map(([name, one]) => [name, withoutCell(one)]));
  }
  if (Array.isArray(document.findings)) {
    const findings = document.findings.map(withoutCell);
    // Two cells may have shown the same
    next.findings = findings.filter(
      (found, at) => findings.findIndex(other => isEqual(other, found)) === at
    );
  }
  return next;
}

function withoutCell<Named extends { cell?: unknown; file?: unknown; line?: unknown }>(
  named: Named
): Named {
  const next = { ...named };
  delete next.cell;
  if (next.file == null) {
    delete next.line;
  }
  return next;
}
