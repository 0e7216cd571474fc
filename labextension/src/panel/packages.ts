/**
 * The packages of two snapshots as one table. The stored form of a line is described in
 * `jupyter_repro/model/snapshot.py`; a line of another form is a package whose name is the whole line.
 *
 * The texts stay as they came: only the rows that are drawn are made plain, since there may be
 * thousands of others.
 */
import type { Snapshot } from '../protocol/_schema';
import { layerOf, type LayerJson } from './formats';
import { isEqual } from '../protocol/json';
import { strings } from '../protocol/validate';

/** What one side says of a package. */
interface Installed {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  readonly origin: string;
}

export interface PackageRow {
  readonly key: string;
  readonly name: string;
  readonly origin: string;
  readonly recorded: string | null;
  readonly live: string | null;
  readonly used: boolean;
  readonly differs: boolean;
}

export type SortKey = 'name' | 'recorded' | 'live' | 'origin';

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

/** What the table is made of; two snapshots that hold the same make the same table. */
interface Held {
  readonly conda: unknown;
  readonly python: unknown;
}

interface Made {
  readonly from: readonly unknown[];
  readonly rows: readonly PackageRow[];
}

const made = new Map<PackageSource, Made>();

/**
 * Return the merged table of two snapshots, sorted by name. Either may be missing.
 *
 * The last table is kept: most answers of a kernel change nothing in it, and to see that takes a
 * tenth of the time of making it.
 */
export function packageRows(
  recorded: Snapshot | null,
  live: Snapshot | null,
  source: PackageSource = 'all'
): readonly PackageRow[] {
  const from = [recorded, live].map(side =>
    side ? { ...held(side, source), used: usedNames(side), platform: platformOf(side) } : null
  );
  const last = made.get(source);
  if (last && isEqual(last.from, from)) {
    return last.rows;
  }
  const rows = mergedRows(recorded, live, source);
  made.set(source, { from, rows });
  return rows;
}

function held(snapshot: Snapshot | null, source: PackageSource): Held {
  return {
    conda: source === 'packages' ? null : layerOf(snapshot, 'conda')?.packages,
    python: source === 'conda' ? null : layerOf(snapshot, 'packages')?.packages
  };
}

function mergedRows(
  recorded: Snapshot | null,
  live: Snapshot | null,
  source: PackageSource
): PackageRow[] {
  const one = held(recorded, source);
  const other = held(live, source);
  const before = installed(one);
  const after = isEqual(one, other) ? before : installed(other);
  const used = new Set([...usedNames(recorded), ...usedNames(live)]);
  // Builds of two platforms say nothing about each other
  const builds = platformOf(recorded) === platformOf(live);
  const both = recorded !== null && live !== null;
  return [...new Set([...before.keys(), ...after.keys()])]
    .map(key => row(key, before.get(key), after.get(key), used, builds, both))
    .sort((a, b) => order(a.key, b.key));
}

/** Return how many packages a layer holds, in whichever form; 0 for a layer without any. */
export function packageCount(layer: LayerJson | null): number {
  const held = layer?.packages;
  const groups = typeof held === 'object' && held !== null ? Object.values(held) : [];
  return Array.isArray(held)
    ? strings(held).length
    : groups.reduce<number>((sum, lines) => sum + strings(lines).length, 0);
}

function row(
  key: string,
  one: Installed | undefined,
  other: Installed | undefined,
  used: ReadonlySet<string>,
  builds: boolean,
  both: boolean
): PackageRow {
  const sameVersion = one?.version === other?.version;
  const otherBuild = builds && sameVersion && one?.build !== other?.build;
  const origins = [one?.origin, other?.origin];
  return {
    key,
    name: (one ?? other)?.name ?? key,
    origin: origins[0] === origins[1] ? (origins[0] ?? '') : origins.filter(Boolean).join(' → '),
    recorded: one ? versionText(one, otherBuild) : null,
    live: other ? versionText(other, otherBuild) : null,
    used: used.size > 0 && used.has(key.slice(0, indexOrEnd(key, ' '))),
    differs: both && (!sameVersion || otherBuild)
  };
}

function versionText(side: Installed, withBuild: boolean): string {
  return (withBuild ? `${side.version} ${side.build}` : side.version) || '?';
}

/** Return the rows that a query leaves, in its order. */
export function queryRows(rows: readonly PackageRow[], query: PackageQuery): PackageRow[] {
  const text = normalise(query.text.trim());
  const left = rows.filter(
    entry => (!query.onlyDifferent || entry.differs) && (text === '' || entry.key.includes(text))
  );
  const sign = query.descending ? -1 : 1;
  if (query.sort !== 'name' || query.descending) {
    left.sort((a, b) => sign * collator.compare(sortText(a, query.sort), sortText(b, query.sort)));
  }
  return query.usedFirst
    ? [...left.filter(entry => entry.used), ...left.filter(entry => !entry.used)]
    : left;
}

function sortText(entry: PackageRow, key: SortKey): string {
  return entry[key] ?? '';
}

function installed({ conda, python }: Held): Map<string, Installed> {
  const found = new Map<string, Installed>();
  for (const [channel, lines] of Object.entries(conda ?? {})) {
    const origin = channel.split('/').at(-2) ?? 'conda';
    for (const line of strings(lines)) {
      const entry = condaLine(origin, line);
      found.set(normalise(entry.name), entry);
    }
  }
  for (const line of strings(python)) {
    addDistribution(found, pythonLine(line));
  }
  return found;
}

/** conda's own record of a package says more than the metadata that lies in it. */
function addDistribution(found: Map<string, Installed>, entry: Installed): void {
  const key = normalise(entry.name);
  if (!found.has(key)) {
    found.set(key, entry);
  } else if (entry.origin !== 'conda') {
    found.set(`${key} (${entry.origin})`, { ...entry, name: `${entry.name} (${entry.origin})` });
  }
}

/** Read ``name-version-build.ext#digest``. */
function condaLine(origin: string, line: string): Installed {
  let stem = line.slice(0, indexOrEnd(line, '#'));
  for (const extension of ['.conda', '.tar.bz2']) {
    if (stem.endsWith(extension)) {
      stem = stem.slice(0, -extension.length);
    }
  }
  const last = stem.lastIndexOf('-');
  const first = last > 0 ? stem.lastIndexOf('-', last - 1) : -1;
  if (first <= 0) {
    return { name: stem, version: '', build: '', origin };
  }
  const version = stem.slice(first + 1, last);
  return { name: stem.slice(0, first), version, build: stem.slice(last + 1), origin };
}

/** Read ``name==version [installer, flag, source]``; what follows the installer tells builds apart. */
function pythonLine(line: string): Installed {
  const bracket = indexOrEnd(line, ' [');
  const stem = line.slice(0, bracket);
  const equals = indexOrEnd(stem, '==');
  const inside = line.slice(bracket + 2).replace(/\]$/, '');
  const comma = indexOrEnd(inside, ', ');
  return {
    name: stem.slice(0, equals),
    version: stem.slice(equals + 2),
    build: inside.slice(comma + 2),
    origin: inside.slice(0, comma)
  };
}

function indexOrEnd(text: string, part: string): number {
  const index = text.indexOf(part);
  return index < 0 ? text.length : index;
}

function usedNames(snapshot: Snapshot | null): string[] {
  return strings(layerOf(snapshot, 'notebook')?.used).map(normalise);
}

function platformOf(snapshot: Snapshot | null): unknown {
  return layerOf(snapshot, 'system')?.platform;
}

function normalise(name: string): string {
  return NORMAL.test(name) ? name : name.replace(SEPARATORS, '-').toLowerCase();
}

// Code points: 5000 names in 1 ms, where a collator needs 20
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
