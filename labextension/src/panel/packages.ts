/**
 * The table of packages: searched, sorted and narrowed. Its rows come from the kernel, which also
 * decides which packages differ (`jupyter_repro/comparing/environments/rows.py`).
 *
 * The texts stay as they came: only the rows that are drawn are made plain, since there may be
 * thousands of others.
 */
import type { PackageRow, Snapshot } from '../protocol/_schema';
import { layerOf, type LayerJson } from './formats';
import { strings } from '../protocol/validate';

export type SortKey = 'name' | 'recorded' | 'current' | 'origin';

/** How the table is narrowed and sorted. */
export interface PackageQuery {
  readonly text: string;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly usedFirst: boolean;
  readonly onlyDifferent: boolean;
}

/** Which layer's packages: both make the table of all. */
export type PackageSource = 'all' | 'conda' | 'packages';

const SEPARATORS = /[-_.]+/g;
const NORMAL = /^[a-z0-9]+$/;
const collator = new Intl.Collator('en', { numeric: true });

/** Returns the rows of the packages that a layer lists. */
export function rowsOf(rows: readonly PackageRow[], source: PackageSource): readonly PackageRow[] {
  return source === 'all' ? rows : rows.filter(({ layers }) => layers.includes(source));
}

/**
 * Returns the packages that a snapshot lists, each line as it is stored: for a table that no kernel
 * can make. A line is described in `jupyter_repro/model/snapshot.py`; nothing here takes it apart.
 */
export function listedRows(snapshot: Snapshot | null, source: PackageSource): PackageRow[] {
  return (['conda', 'packages'] as const)
    .filter(layer => source === 'all' || source === layer)
    .flatMap(layer => linesOf(layerOf(snapshot, layer)).map(name => ({ name, layers: [layer] })));
}

/** Returns how many packages a layer holds, in whichever form; 0 for a layer without any. */
export function packageCount(layer: LayerJson | null): number {
  return linesOf(layer).length;
}

function linesOf(layer: LayerJson | null): string[] {
  const held = layer?.packages;
  if (Array.isArray(held)) {
    return strings(held);
  }
  const groups = typeof held === 'object' && held !== null ? Object.values(held) : [];
  return groups.flatMap(strings);
}

/** Returns the rows that a query leaves, in its order. */
export function queryRows(rows: readonly PackageRow[], query: PackageQuery): PackageRow[] {
  const text = normalise(query.text.trim());
  const left = rows.filter(
    row =>
      (!query.onlyDifferent || row.differs) && (text === '' || normalise(row.name).includes(text))
  );
  const sign = query.descending ? -1 : 1;
  if (query.sort !== 'name' || query.descending) {
    const { sort } = query;
    left.sort((a, b) => sign * collator.compare(a[sort] ?? '', b[sort] ?? ''));
  }
  return query.usedFirst
    ? [...left.filter(row => row.used), ...left.filter(row => !row.used)]
    : left;
}

function normalise(name: string): string {
  return NORMAL.test(name) ? name : name.replace(SEPARATORS, '-').toLowerCase();
}
