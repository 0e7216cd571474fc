// Writes what the kernel says and what a notebook stores, from the JSON Schema that Python generates
// from its model: src/_schema.ts the types, src/_schema.json what validates. A test fails when
// one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { format } from 'prettier';

const SCHEMAS = { Check: 'check', Document: 'document', Message: 'message', CellStamp: 'cell' };
const BANNER = '/** Generated from jupyter_repro/schema by `jlpm schema`. Do not edit. */';
const HERE = import.meta.dirname;
const STYLE = JSON.parse(readFileSync(join(HERE, '../.prettierrc.json'), 'utf8'));

/** All schemas as one, so that a type that several of them use is written once. */
function merged() {
  const definitions = {};
  for (const name of Object.values(SCHEMAS)) {
    const path = join(HERE, `../../jupyter_repro/schema/${name}.schema.json`);
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

/** Writes the kinds of strings once: their patterns are most of the text that a browser loads. */
function withSharedStrings(definitions) {
  const shared = {};
  const names = new Map();
  const share = node => {
    if (Array.isArray(node)) {
      return node.map(share);
    }
    if (typeof node !== 'object' || node === null) {
      return node;
    }
    if (node.type === 'string' && node.pattern !== undefined) {
      const text = JSON.stringify(node);
      if (!names.has(text)) {
        names.set(text, `string${names.size}`);
        shared[names.get(text)] = node;
      }
      return { $ref: `#/$defs/${names.get(text)}` };
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, share(value)]));
  };
  return { ...share(definitions), ...shared };
}

/** Returns the text of the generated files by name. */
export async function generated() {
  const $defs = merged();
  const limits = new Set(['title', 'default', 'maxItems', 'minItems', 'maxProperties']);
  const texts = new Set(['title', 'default', 'description']);
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
    '_schema.json': await format(JSON.stringify(withSharedStrings(without(texts, $defs, true))), {
      ...STYLE,
      parser: 'json'
    })
  };
}

if (process.argv[1]?.endsWith('schema.mjs')) {
  for (const [name, text] of Object.entries(await generated())) {
    writeFileSync(join(HERE, '../src', name), text);
  }
}
