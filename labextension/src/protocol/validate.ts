/**
 * Checks a value against the shapes that Python's model generates (`_shapes.ts`).
 *
 * It says where the first thing is wrong, never what was found there: that may be anything.
 * No JupyterLab import.
 */

/** A shape of a value; it has one of the first five. References are names; `name?` may be null. */
interface ValueShape {
  /** One of these values. */
  one?: unknown[];
  /** Text that fits a pattern; `min` and `max` are its length. */
  text?: string;
  /** An integer, not below this where it is a number. */
  int?: number | null;
  /** An array of a shape, with `max` items at most. */
  list?: string;
  /** An object with any keys that fit `keys`, `max` at most. */
  map?: string;
  /** Any of these shapes. */
  any?: string[];
  keys?: string;
  min?: number;
  max?: number;
}

/** The text is an object's: its members `name:shape name?:shape …`, where `?` may be missing; `name` is `name?:0?`. */
export type Shape = string | ValueShape;

export type Shapes = Record<string, Shape>;

type Found = string | null;

const PRIMITIVES: Record<string, string> = { B: 'boolean', N: 'number' };

interface Field {
  name: string;
  shape: string;
  isOptional: boolean;
}

const patterns = new Map<string, RegExp>();
const fieldLists = new Map<string, Field[]>();

/**
 * Returns where a value does not fit, like `reference.layers.gpu.status`, or null where it fits.
 *
 * @param name - of the shape
 */
export function misfit(value: unknown, name: string, shapes: Shapes, path = ''): Found {
  if (name.endsWith('?')) {
    return value === null ? null : misfit(value, name.slice(0, -1), shapes, path);
  }
  const primitive = PRIMITIVES[name];
  if (primitive !== undefined) {
    return typeof value === primitive ? null : path;
  }
  const shape = shapes[name];
  if (shape === undefined) {
    return path;
  }
  if (typeof shape === 'string') {
    return isRecord(value) ? misfitOfFields(value, shape, shapes, path) : path;
  }
  if (shape.map !== undefined) {
    return isRecord(value) ? misfitOfMap(value, shape, shape.map, shapes, path) : path;
  }
  if (shape.list !== undefined) {
    return Array.isArray(value) ? misfitOfList(value, shape, shape.list, shapes, path) : path;
  }
  if (shape.any !== undefined) {
    return shape.any.some(option => misfit(value, option, shapes) === null) ? null : path;
  }
  return valueFits(value, shape) ? null : path;
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the texts in a value, where it is an array. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}

function misfitOfFields(
  value: Record<string, unknown>,
  fields: string,
  shapes: Shapes,
  path: string
): Found {
  for (const { name, shape, isOptional } of fieldsOf(fields)) {
    const place = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(value, name)) {
      if (isOptional) {
        continue;
      }
      return place;
    }
    const found = misfit(value[name], shape, shapes, place);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function fieldsOf(text: string): Field[] {
  let fields = fieldLists.get(text);
  if (fields === undefined) {
    fields = text.split(' ').map(field => {
      const [name = '', shape] = field.split(':');
      return {
        name: name.replace('?', ''),
        shape: shape ?? '0?',
        isOptional: shape === undefined || name.endsWith('?')
      };
    });
    fieldLists.set(text, fields);
  }
  return fields;
}

function misfitOfMap(
  value: Record<string, unknown>,
  { keys = '', max = Infinity }: ValueShape,
  shape: string,
  shapes: Shapes,
  path: string
): Found {
  const entries = Object.entries(value);
  const fits =
    entries.length <= max &&
    entries.every(
      ([key, item]) =>
        misfit(key, keys, shapes) === null && misfit(item, shape, shapes, path) === null
    );
  return fits ? null : path;
}

function misfitOfList(
  value: unknown[],
  { max = Infinity }: ValueShape,
  shape: string,
  shapes: Shapes,
  path: string
): Found {
  if (value.length > max) {
    return path;
  }
  for (const [index, item] of value.entries()) {
    const found = misfit(item, shape, shapes, `${path}[${index}]`);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function valueFits(value: unknown, shape: ValueShape): boolean {
  if (shape.one !== undefined) {
    return shape.one.includes(value);
  }
  if (shape.text !== undefined) {
    return typeof value === 'string' && textFits(value, shape.text, shape);
  }
  return Number.isInteger(value) && (value as number) >= (shape.int ?? -Infinity);
}

function textFits(text: string, pattern: string, { min = 0, max = Infinity }: ValueShape): boolean {
  if (text.length < min) {
    return false;
  }
  // JSON Schema counts characters, JavaScript the halves of those beyond the first 65 536
  if (text.length > max && Array.from(text.slice(0, 2 * max + 1)).length > max) {
    return false;
  }
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = new RegExp(pattern);
    patterns.set(pattern, compiled);
  }
  return compiled.test(text);
}
