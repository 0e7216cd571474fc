// Writes what the kernel says and what a notebook stores, from the JSON Schema that Python generates
// from its model: _schema.ts the types, _definitions.ts the schema that validate.ts reads, _shown.ts
// what is shown as Python shows it, all in src/protocol. A test fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { format } from 'prettier';

const SCHEMAS = {
  Arrival: 'arrival',
  Check: 'check',
  Document: 'document',
  Message: 'message',
  Packages: 'packages',
  CellStamp: 'cell'
};
// What the front end passes on and never reads: the kernel validates it
const PASSED_ON = [
  'Arrival.findings',
  'Arrival.results',
  'CellStamp.rng',
  'CellStamp.source',
  'CondaLayer.install_order',
  'DeterminismLayer.from_outside',
  'Document.results',
  'Report.ignored',
  'Report.imported',
  ...['accept', 'findings', 'policy', 'results', 'stamps'].map(name => `Message.${name}`),
  'Snapshot.imported'
];
const BANNER = '/** Generated from jupyter_repro/model/schema by `jlpm schema`. Do not edit. */';
const HERE = import.meta.dirname;
const STYLE = JSON.parse(readFileSync(join(HERE, '../.prettierrc.json'), 'utf8'));

/** All schemas as one, so that a type that several of them use is written once. */
function merged() {
  const definitions = {};
  for (const name of Object.values(SCHEMAS)) {
    const path = join(HERE, `../../jupyter_repro/model/schema/${name}.schema.json`);
    Object.assign(definitions, JSON.parse(readFileSync(path, 'utf8')).$defs);
  }
  return definitions;
}

/** Drops some keywords everywhere, but no property that happens to be called like one. */
function without(keywords, node, isProperties = false) {
  if (Array.isArray(node)) {
    return node.map(item => without(keywords, item));
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const entries = Object.entries(node).filter(([key]) => isProperties || !keywords.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === 'description' && typeof value === 'string'
        ? value.split('\n\n')[0]
        : without(keywords, value, key === 'properties' || key === '$defs')
    ])
  );
}

/** Names of the definitions that one refers to, but for what is passed on. */
function referencesOf(node, owner = node.title) {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref'
      ? [value.slice('#/$defs/'.length)]
      : PASSED_ON.includes(`${owner}.${key}`)
        ? []
        : referencesOf(value, owner)
  );
}

// What validate.ts reads, and what says nothing about a value
const KEYWORDS = new Set([
  ...['$ref', 'anyOf', 'enum', 'type', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['items', 'maxItems', 'properties', 'required'],
  ...['additionalProperties', 'propertyNames', 'maxProperties']
]);
const ANNOTATIONS = new Set(['title', 'description', 'default']);

/** Returns a schema with the keywords that validate.ts reads; fails at one that it would overlook. */
function pruned(schema, owner = schema.title) {
  const found = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (ANNOTATIONS.has(keyword)) {
      continue;
    }
    if (!KEYWORDS.has(keyword)) {
      throw new Error(`validate.ts does not know ${keyword}, which ${owner} uses`);
    }
    if (keyword === 'properties') {
      const read = Object.entries(value).filter(
        ([name]) => !PASSED_ON.includes(`${owner}.${name}`)
      );
      found.properties = Object.fromEntries(
        read.map(([name, member]) => [name, pruned(member, owner)])
      );
    } else if (keyword === 'pattern') {
      // Python's `$` alone would let a line break at the end pass; JavaScript's does not
      found.pattern = value.replace('(?!\\n)$', '$');
    } else if (keyword === 'anyOf') {
      found.anyOf = value.map(option => pruned(option, owner));
    } else if (['items', 'additionalProperties', 'propertyNames'].includes(keyword)) {
      found[keyword] = pruned(value, owner);
    } else {
      found[keyword] = value;
    }
  }
  return found;
}

/** Returns the definitions that can be reached from those that are asked for. */
function definitionsOf(definitions) {
  const table = {};
  const waiting = Object.keys(SCHEMAS);
  while (waiting.length > 0) {
    const name = waiting.shift();
    if (table[name] === undefined) {
      table[name] = pruned(definitions[name]);
      waiting.push(...referencesOf(definitions[name]));
    }
  }
  return table;
}

/** Writes the definitions as a module; the pattern that most texts have is in it once. */
function moduleOf(table) {
  const text = JSON.stringify(table);
  const counts = new Map();
  for (const [pattern] of text.matchAll(/"pattern":"(?:[^"\\\\]|\\\\.)*"/g)) {
    counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  const [[line]] = [...counts].sort((one, other) => other[1] - one[1]);
  return [
    `import type { Definitions } from './validate';`,
    `const LINE = ${line.slice('"pattern":'.length)};`,
    `const definitions: Definitions = ${text.replaceAll(line, '"pattern":LINE')};`,
    'export default definitions;'
  ].join('\n\n');
}

/** Returns what is shown as Python shows it, as a module. */
function shownModule() {
  const { characters } = JSON.parse(
    readFileSync(join(HERE, '../../jupyter_repro/model/schema/shown.json'), 'utf8')
  );
  const code = point => `\\u{${point.toString(16)}}`;
  const { hidden, joiners, letters } = Object.fromEntries(
    Object.entries(characters).map(([name, ranges]) => [
      name,
      ranges.map(([first, last]) => code(first) + (first === last ? '' : `-${code(last)}`)).join('')
    ])
  );
  return [
    '/** A joiner in its place, which stays, or a character that is never shown. */',
    `export const UNSHOWN =`,
    // Without a look behind, which older browsers do not read
    `  /([${letters}][${joiners}])(?=[${letters}])|[${hidden}${joiners}]/gu;`
  ].join('\n');
}

/** Returns the text of the generated files by name. */
export async function generated() {
  const $defs = merged();
  const limits = new Set(['title', 'default', 'maxItems', 'minItems', 'maxProperties']);
  const properties = Object.fromEntries(
    Object.keys(SCHEMAS).map(name => [name, { $ref: `#/$defs/${name}` }])
  );
  const types = without(limits, {
    description: 'All types, by name.',
    type: 'object',
    properties,
    required: Object.keys(properties),
    $defs
  });
  return {
    '_schema.ts': await compile(types, 'Schemas', {
      additionalProperties: false,
      bannerComment: BANNER,
      style: STYLE
    }),
    // A minifier writes an object shorter than the text of a JSON file
    '_definitions.ts': await format(`${BANNER}\n${moduleOf(definitionsOf($defs))}`, {
      ...STYLE,
      parser: 'typescript'
    }),
    '_shown.ts': await format(`${BANNER}\n\n${shownModule()}`, { ...STYLE, parser: 'typescript' })
  };
}

if (process.argv[1]?.endsWith('schema.mjs')) {
  for (const [name, text] of Object.entries(await generated())) {
    writeFileSync(join(HERE, '../src/protocol', name), text);
  }
}
