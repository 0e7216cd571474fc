/**
 * How the values of a snapshot are written.
 *
 * They come from a stranger's notebook: every text is cut, and nothing in it can steer the screen.
 * Layers are read as plain JSON, so that one of a later version or of a third party is shown too.
 */
import type { Report, Snapshot } from '../protocol/_schema';
import { UNSHOWN } from '../protocol/_shown';
import { isRecord } from '../protocol/validate';
import type { Words } from './words';

/** A layer as it came: whatever the fields are. */
export type LayerJson = Readonly<Record<string, unknown>>;

/** One line of a layer: recorded and live value, null where that side does not have it. */
export interface Row {
  readonly key: string;
  readonly recorded: string | null;
  readonly live: string | null;
}

export const MAX_TEXT = 300;
export const MAX_ROWS = 400;
const MAX_DEPTH = 6;
const MAX_JOINED = 60;

/** Layers of the stack, from the notebook down; the others stand beside it. */
export const STACK_LAYERS = [
  'notebook',
  'frameworks',
  'packages',
  'conda',
  'core',
  'system',
  'gpu'
] as const;
export const SIDE_LAYERS = ['libraries', 'determinism'] as const;

const HARMLESS = /^[ -~]*$/;
const SPACES = /[\t\n\r]+/g;

/** Return a stranger's text as one line without anything that steers, cut to a length. */
export function plain(text: string, limit = MAX_TEXT): string {
  if (text.length <= limit && HARMLESS.test(text)) {
    return text;
  }
  const cut = text.length > limit;
  const head = (cut ? text.slice(0, limit) : text)
    .replace(SPACES, ' ')
    .replace(UNSHOWN, (_, joined?: string) => joined ?? '\uFFFD');
  return cut ? `${head}…` : head;
}

/** Return a date of a snapshot in the reader's own way; a text that is no date as it is. */
export function dateText(when: string | number): string {
  const date = new Date(when);
  if (Number.isNaN(date.getTime())) {
    return plain(String(when), 40);
  }
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

export function timeText(when: number): string {
  return new Date(when).toLocaleTimeString(undefined, { timeStyle: 'short' });
}

/** Return a layer of a snapshot, of ours or of a third party. */
export function layerOf(snapshot: Snapshot | null, name: string): LayerJson | null {
  for (const layers of [snapshot?.layers, snapshot?.third_party]) {
    const found = member(layers, name);
    if (isRecord(found)) {
      return found;
    }
  }
  return null;
}

/** Names of the layers that stand beside the stack: ours, then those of third parties. */
export function sideLayers(...snapshots: (Snapshot | null)[]): string[] {
  const others = snapshots.flatMap(snapshot => Object.keys(snapshot?.third_party ?? {}));
  return [...new Set<string>([...SIDE_LAYERS, ...others.slice(0, MAX_ROWS)])];
}

/** Return a text member of a layer, or null. */
export function textOf(layer: LayerJson | null, key: string): string | null {
  const value = member(layer, key);
  return typeof value === 'string' ? plain(value) : null;
}

/** Return the lines of a layer, recorded beside live, in the order of the recorded one. */
export function sideBySide(
  recorded: LayerJson | null,
  live: LayerJson | null,
  words: Words
): Row[] {
  const before = recorded ? flatten(recorded, words) : new Map<string, string>();
  const after = live ? flatten(live, words) : new Map<string, string>();
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].map(key => ({
    key,
    recorded: before.get(key) ?? null,
    live: after.get(key) ?? null
  }));
}

/** Return the facts of a layer, without its packages: nested keys joined, lists in one line. */
export function flatten(layer: LayerJson, words: Words): Map<string, string> {
  const facts = new Map<string, string>();
  for (const [key, value] of Object.entries(layer)) {
    if (key === 'facts' && isRecord(value)) {
      // A third party's probe says everything under this one name
      for (const [inner, item] of Object.entries(value)) {
        addFacts(facts, label(inner), item, words, 2);
      }
    } else if (!/^(status|reason|packages|install_order)$/.test(key)) {
      addFacts(facts, label(key), value, words, 1);
    }
  }
  return facts;
}

function addFacts(
  facts: Map<string, string>,
  key: string,
  value: unknown,
  words: Words,
  depth: number
): void {
  if (facts.size >= MAX_ROWS || value === undefined || value === null) {
    return;
  }
  if (Array.isArray(value)) {
    addList(facts, key, value, words, depth);
  } else if (!isRecord(value)) {
    facts.set(key, valueText(value, words));
  } else if (depth >= MAX_DEPTH) {
    facts.set(key, '…');
  } else {
    for (const [inner, item] of Object.entries(value)) {
      addFacts(facts, `${key} ${label(inner)}`, item, words, depth + 1);
    }
  }
}

function addList(
  facts: Map<string, string>,
  key: string,
  list: readonly unknown[],
  words: Words,
  depth: number
): void {
  if (!list.some(item => typeof item === 'object' && item !== null)) {
    const head = list
      .slice(0, MAX_JOINED)
      .map(item => valueText(item, words))
      .join(', ');
    const text = list.length > MAX_JOINED ? words.joined(head, list.length) : head;
    facts.set(key, text || words.none);
    return;
  }
  // Items that are told apart by their names are found again by them, others by their places
  const names = list.map(item => (isRecord(item) ? item.name : undefined));
  const named = key !== 'devices' && new Set(names).size === list.length;
  list.slice(0, MAX_ROWS).forEach((item, place) => {
    const name = names[place];
    if (named && typeof name === 'string' && isRecord(item)) {
      const rest = Object.entries(item).filter(([inner]) => inner !== 'name');
      addFacts(facts, plain(name, 80), Object.fromEntries(rest), words, depth + 1);
    } else {
      addFacts(facts, `${key} ${place + 1}`, item, words, depth + 1);
    }
  });
}

function valueText(value: unknown, words: Words): string {
  switch (typeof value) {
    case 'boolean':
      return value ? words.on : words.off;
    case 'string':
      return plain(value);
    case 'number':
    case 'bigint':
      return String(value);
    default:
      return words.none;
  }
}

/** Field names are words with underscores; names of variables (upper case) stay. */
function label(key: string): string {
  const text = plain(key, 80);
  return /^[a-z_]+$/.test(text) ? text.replaceAll('_', ' ') : text;
}

/** Return the differences as Markdown for a bug report, in the order given. */
export function findingsMarkdown(report: Report, words: Words): string {
  const head = [
    `**${words.verdict(report.verdict)}** · ${prose(report.summary)}`,
    '',
    `${words.policy(code(report.policy))} · ${code(report.reference_digest.slice(0, 12))} → ${code(report.current_digest.slice(0, 12))}`
  ];
  if (report.findings.length === 0) {
    return [...head, '', words.noDifferences, ''].join('\n');
  }
  const rows = report.findings.map(finding =>
    [
      words.severity(finding.severity),
      prose(words.layer(finding.layer)),
      code(finding.subject),
      finding.reference === null ? words.absent : code(finding.reference),
      finding.current === null ? words.absent : code(finding.current),
      prose(finding.why)
    ].join(' | ')
  );
  const titles = ['', '', words.differences, words.recorded, words.here, ''].join(' | ');
  return [
    ...head,
    '',
    `| ${titles} |`,
    '|---|---|---|---|---|---|',
    ...rows.map(r => `| ${r} |`),
    ''
  ].join('\n');
}

/** Text that no renderer of Markdown takes for markup, a mention or the end of a table's cell. */
function prose(text: string): string {
  return plain(text).replace(/[\\`*_{}[\]<>()#!|~@&]/g, mark => `&#${mark.codePointAt(0) ?? 0};`);
}

function code(text: string): string {
  const bare = plain(text).replaceAll('`', "'").replaceAll('|', '\\|');
  return bare === '' ? '–' : `\`${bare}\``;
}

function member(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
