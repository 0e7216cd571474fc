/** Plain JSON of unknown origin: compared and measured without trusting it. No JupyterLab import. */

/** Whether two JSON values are equal. The order of an object's members does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return false;
  }
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === Object.keys(right).length &&
    left.every(([name, value]) => Object.hasOwn(right, name) && sameJson(value, right[name]))
  );
}

/** Whether a value is nested no deeper than `limit`: a recursion into it is safe then. */
export function isShallow(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return true;
  }
  return limit > 0 && Object.values(value).every(part => isShallow(part, limit - 1));
}
