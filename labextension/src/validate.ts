/**
 * Checks a value against the part of JSON Schema that Python's model generates.
 *
 * It says where the first thing is wrong, never what was found there: that may be anything.
 * No JupyterLab import.
 */

export interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  pattern?: string;
}

type Found = string | null;

const patterns = new Map<string, RegExp>();

/**
 * Returns where a value does not fit, like `reference.layers.gpu.status`, or null where it fits.
 *
 * @param definitions - what `$ref` points into
 */
export function misfit(
  value: unknown,
  schema: Schema,
  definitions: Record<string, Schema>,
  path = ''
): Found {
  if (schema.$ref !== undefined) {
    const target = definitions[schema.$ref.slice('#/$defs/'.length)];
    return target === undefined ? path : misfit(value, target, definitions, path);
  }
  if (schema.anyOf !== undefined) {
    const found = schema.anyOf.map(option => misfit(value, option, definitions, path));
    // Null is the other option of nearly all: the place inside the first one says more
    return found.includes(null) ? null : (found[0] ?? path);
  }
  if (schema.enum !== undefined) {
    return schema.enum.includes(value) ? null : path;
  }
  switch (schema.type) {
    case 'object':
      return isRecord(value) ? misfitOfObject(value, schema, definitions, path) : path;
    case 'array':
      return Array.isArray(value) ? misfitOfArray(value, schema, definitions, path) : path;
    case 'string':
      return typeof value === 'string' && stringFits(value, schema) ? null : path;
    case 'integer':
      return Number.isInteger(value) && numberFits(value as number, schema) ? null : path;
    case 'number':
      return typeof value === 'number' && numberFits(value, schema) ? null : path;
    case 'boolean':
      return typeof value === 'boolean' ? null : path;
    case 'null':
      return value === null ? null : path;
    default:
      return null;
  }
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function misfitOfObject(
  value: Record<string, unknown>,
  schema: Schema,
  definitions: Record<string, Schema>,
  path: string
): Found {
  const properties = schema.properties ?? {};
  const missing = schema.required?.find(name => !Object.hasOwn(value, name));
  if (missing !== undefined) {
    return join(path, missing);
  }
  const names = Object.keys(value);
  if (names.length > (schema.maxProperties ?? Infinity)) {
    return path;
  }
  for (const name of names) {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (own === undefined && schema.propertyNames && !stringFits(name, schema.propertyNames)) {
      return path;
    }
    const rest = isRecord(schema.additionalProperties) ? schema.additionalProperties : undefined;
    const part = own ?? rest;
    const found = part && misfit(value[name], part, definitions, own ? join(path, name) : path);
    if (found != null) {
      return found;
    }
  }
  return null;
}

function misfitOfArray(
  value: unknown[],
  schema: Schema,
  definitions: Record<string, Schema>,
  path: string
): Found {
  if (value.length > (schema.maxItems ?? Infinity)) {
    return path;
  }
  const items = schema.items;
  if (items === undefined) {
    return null;
  }
  for (const [index, item] of value.entries()) {
    const found = misfit(item, items, definitions, `${path}[${index}]`);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function stringFits(value: string, schema: Schema): boolean {
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  if (value.length < minLength) {
    return false;
  }
  // JSON Schema counts characters, JavaScript the halves of those beyond the first 65 536
  if (
    value.length > maxLength &&
    Array.from(value.slice(0, 2 * maxLength + 1)).length > maxLength
  ) {
    return false;
  }
  return pattern === undefined || compiled(pattern).test(value);
}

function numberFits(value: number, { minimum = -Infinity, maximum = Infinity }: Schema): boolean {
  return value >= minimum && value <= maximum;
}

function compiled(pattern: string): RegExp {
  let found = patterns.get(pattern);
  if (found === undefined) {
    found = new RegExp(pattern);
    patterns.set(pattern, found);
  }
  return found;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
