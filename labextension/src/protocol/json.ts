/** Plain JSON of unknown origin: compared and measured without trusting it. */
import { JSONExt, type ReadonlyPartialJSONValue } from '@lumino/coreutils';

/** Whether two JSON values are equal; undefined, where there is none, equals itself alone. */
export function isEqual(a: unknown, b: unknown): boolean {
  // `deepEqual` fails on undefined
  if (a === undefined || b === undefined) {
    return a === b;
  }
  const [left, right] = [a as ReadonlyPartialJSONValue, b as ReadonlyPartialJSONValue];
  // Every object inherits a `toString`, so `deepEqual` takes `{}` for `{ toString: 1 }`, although
  // not the latter for the former. A person may call a result so.
  return JSONExt.deepEqual(left, right) && JSONExt.deepEqual(right, left);
}

/** Whether a value is nested no deeper than `limit`: a recursion into it is safe then. */
export function isShallow(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return true;
  }
  return limit > 0 && Object.values(value).every(part => isShallow(part, limit - 1));
}
