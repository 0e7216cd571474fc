/**
 * Checks a value against the JSON Schema that Python's model generates (`_definitions.ts`).
 *
 * It knows the keywords that those schemas use, with the meaning of
 * https://json-schema.org/draft/2020-12/schema; `scripts/schema.mjs` fails at any other. A library
 * (ajv) compiles schemas to code with `new Function`, which a page may forbid, or to 200 kB of code
 * beforehand. It says where the first thing is wrong, never what was found there: that may be
 * anything. No JupyterLab import.
 */

export interface Schema {
  /** `#/$defs/` and the name of a definition. */
  $ref?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  type?: 'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string';

  /** Of a text; lengths in characters. */
  pattern?: string;
  minLength?: number;
  maxLength?: number;

  /** Of a number. */
  minimum?: number;
  maximum?: number;

  /** Of an array. */
  items?: Schema;
  maxItems?: number;

  /** Of an object with known members; others may be there. */
  properties?: Record<string, Schema>;
  required?: string[];

  /** Of an object with any members. */
  additionalProperties?: Schema;
  propertyNames?: Schema;
  maxProperties?: number;
}

export type Definitions = Record<string, Schema>;

/** Where a value does not fit; null where it fits. */
type Misfit = string | null;

const REFERENCE = '#/$defs/';

const patterns = new Map<string, RegExp>();

/**
 * Returns where a value does not fit, like `reference.layers.gpu.status`, or null where it fits.
 *
 * @param name - of the definition
 */
export function misfit(value: unknown, name: string, definitions: Definitions): Misfit {
  return misfitOf(value, { $ref: `${REFERENCE}${name}` }, definitions, '');
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the texts in a value, where it is an array. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}

function misfitOf(value: unknown, schema: Schema, definitions: Definitions, path: string): Misfit {
  if (schema.$ref !== undefined) {
    const definition = definitions[schema.$ref.slice(REFERENCE.length)];
    return definition === undefined ? path : misfitOf(value, definition, definitions, path);
  }
  if (schema.anyOf !== undefined) {
    return misfitOfAny(value, schema.anyOf, definitions, path);
  }
  if (schema.enum !== undefined) {
    return schema.enum.includes(value) ? null : path;
  }
  switch (schema.type) {
    case 'array':
      return Array.isArray(value) ? misfitOfItems(value, schema, definitions, path) : path;
    case 'object':
      return isRecord(value) ? misfitOfMembers(value, schema, definitions, path) : path;
    case 'string':
      return typeof value === 'string' && textFits(value, schema) ? null : path;
    case 'integer':
      return Number.isInteger(value) && isInRange(value as number, schema) ? null : path;
    case 'number':
      return typeof value === 'number' && isInRange(value, schema) ? null : path;
    case 'boolean':
      return typeof value === 'boolean' ? null : path;
    case 'null':
      return value === null ? null : path;
    default:
      return path;
  }
}

/** A value that may be null is told apart from others: then the place inside it is the answer. */
function misfitOfAny(
  value: unknown,
  options: Schema[],
  definitions: Definitions,
  path: string
): Misfit {
  const others = options.filter(option => option.type !== 'null');
  const [only] = others;
  if (only !== undefined && others.length === 1) {
    return value === null && others.length < options.length
      ? null
      : misfitOf(value, only, definitions, path);
  }
  const fits = options.some(option => misfitOf(value, option, definitions, path) === null);
  return fits ? null : path;
}

function misfitOfItems(
  value: unknown[],
  { items, maxItems = Infinity }: Schema,
  definitions: Definitions,
  path: string
): Misfit {
  if (value.length > maxItems) {
    return path;
  }
  for (const [index, item] of items === undefined ? [] : value.entries()) {
    const found = misfitOf(item, items ?? {}, definitions, `${path}[${index}]`);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function misfitOfMembers(
  value: Record<string, unknown>,
  schema: Schema,
  definitions: Definitions,
  path: string
): Misfit {
  if (schema.additionalProperties !== undefined) {
    return misfitOfMap(value, schema, definitions, path);
  }
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const place = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(value, name)) {
      if (schema.required?.includes(name)) {
        return place;
      }
      continue;
    }
    const found = misfitOf(value[name], member, definitions, place);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function misfitOfMap(
  value: Record<string, unknown>,
  { additionalProperties = {}, propertyNames, maxProperties = Infinity }: Schema,
  definitions: Definitions,
  path: string
): Misfit {
  const members = Object.entries(value);
  const names = { type: 'string', ...propertyNames } as const;
  const fits =
    members.length <= maxProperties &&
    members.every(
      ([name, member]) =>
        misfitOf(name, names, definitions, path) === null &&
        misfitOf(member, additionalProperties, definitions, path) === null
    );
  return fits ? null : path;
}

function isInRange(value: number, { minimum = -Infinity, maximum = Infinity }: Schema): boolean {
  return minimum <= value && value <= maximum;
}

function textFits(
  text: string,
  { pattern = '', minLength = 0, maxLength = Infinity }: Schema
): boolean {
  if (text.length < minLength) {
    return false;
  }
  // JSON Schema counts characters, JavaScript the halves of those beyond the first 65 536
  if (text.length > maxLength && Array.from(text.slice(0, 2 * maxLength + 1)).length > maxLength) {
    return false;
  }
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = new RegExp(pattern);
    patterns.set(pattern, compiled);
  }
  return compiled.test(text);
}
