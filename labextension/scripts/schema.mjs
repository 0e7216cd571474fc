// Writes what the kernel says and what a notebook stores, from the JSON Schema that Python generates
// from its model: _schema.ts the types, _shapes.ts what validates, in the small language of
// validate.ts, _shown.ts what is shown as Python shows it, all in src/protocol. A test fails when one
// is stale.
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
  'Check.findings',
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

/** Returns the schemas in the language of validate.ts: JSON Schema itself is thrice as long. */
function shapes(definitions) {
  const table = {};
  const names = new Map();

  /** Writes a shape once, under a name as short as it can be. */
  const named = shape => {
    const text = JSON.stringify(shape);
    if (!names.has(text)) {
      names.set(text, names.size.toString(36));
      table[names.get(text)] = shape;
    }
    return names.get(text);
  };

  // What is asked for by name keeps it; the others' names would be a part of the bundle
  const short = new Map(Object.keys(SCHEMAS).map(name => [name, name]));
  const shortOf = name => {
    if (!short.has(name)) {
      short.set(name, `$${(short.size - Object.keys(SCHEMAS).length).toString(36)}`);
    }
    return short.get(name);
  };

  const nameOf = node => {
    if (node.$ref !== undefined) {
      return shortOf(node.$ref.slice('#/$defs/'.length));
    }
    if (node.anyOf !== undefined) {
      const others = node.anyOf.filter(option => option.type !== 'null').map(nameOf);
      const name = others.length === 1 ? others[0] : named({ any: others });
      return others.length === node.anyOf.length ? name : `${name}?`;
    }
    if (node.type === 'boolean' || node.type === 'number') {
      return node.type === 'boolean' ? 'B' : 'N';
    }
    return named(shapeOf(node));
  };

  const shapeOf = node => {
    if (node.enum !== undefined) {
      return { one: node.enum };
    }
    switch (node.type) {
      case 'string':
        // Python's `$` alone would let a line break at the end pass; JavaScript's does not
        return {
          text: node.pattern?.replace('(?!\\n)$', '$') ?? '',
          min: node.minLength,
          max: node.maxLength
        };
      case 'integer':
        return { int: node.minimum ?? null };
      case 'array':
        return { list: nameOf(node.items), max: node.maxItems };
      case 'object':
        return node.properties === undefined
          ? {
              map: nameOf(node.additionalProperties),
              keys: named(shapeOf({ type: 'string', ...node.propertyNames })),
              max: node.maxProperties
            }
          : fieldsOf(node);
      default:
        throw new Error(`validate.ts has no shape for ${JSON.stringify(node)}`);
    }
  };

  const fieldsOf = ({ properties, required = [], title }) =>
    Object.entries(properties)
      .filter(([name]) => !PASSED_ON.includes(`${title}.${name}`))
      .map(([name, node]) => `${name}${required.includes(name) ? '' : '?'}:${nameOf(node)}`)
      .join(' ')
      // The most frequent shape by far goes without saying
      .replaceAll('?:0?', '');

  // Only what can be reached from what is asked for
  const waiting = Object.keys(SCHEMAS);
  const seen = new Set(waiting);
  while (waiting.length > 0) {
    const name = waiting.shift();
    table[shortOf(name)] = shapeOf(definitions[name]);
    for (const other of referencesOf(definitions[name])) {
      if (!seen.has(other)) {
        seen.add(other);
        waiting.push(other);
      }
    }
  }
  return table;
}

/** Writes the shapes as a module; the pattern that most texts have is in it once. */
function moduleOf(table) {
  const patterns = Object.values(table).flatMap(({ text }) => (text ? [JSON.stringify(text)] : []));
  const line = patterns.find((text, place) => patterns.indexOf(text) !== place);
  const text = JSON.stringify(table).replaceAll(`"text":${line}`, '"text":LINE');
  return `const LINE = ${line};\nexport default ${text};`;
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
    '_shapes.ts': await format(`${BANNER}\n${moduleOf(shapes($defs))}`, {
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
