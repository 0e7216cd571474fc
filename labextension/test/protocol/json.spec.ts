import { describe, expect, it } from 'vitest';

import { isShallow, isEqual } from '../../src/protocol/json';

describe('equality', () => {
  it.each([
    [1, 1],
    [null, null],
    [
      { a: 1, b: [1, { c: null }] },
      { b: [1, { c: null }], a: 1 }
    ],
    [[], []],
    [undefined, undefined]
  ])('holds between %j and %j', (a, b) => {
    expect(isEqual(a, b)).toBe(true);
  });

  it.each([
    [1, '1'],
    [null, undefined],
    [null, {}],
    [[], {}],
    [{}, []],
    [[1, 2], [1]],
    [{}, undefined],
    [{ a: 1 }, undefined],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ toString: 1 }, {}]
  ])('does not hold between %j and %j', (a, b) => {
    expect(isEqual(a, b)).toBe(false);
    expect(isEqual(b, a)).toBe(false);
  });
});

describe('depth', () => {
  it.each([
    [1, 0, true],
    [[], 0, false],
    [[], 1, true],
    [{ a: [] }, 1, false],
    [{ a: [] }, 2, true]
  ])('of %j within %i: %s', (value, limit, expected) => {
    expect(isShallow(value, limit)).toBe(expected);
  });
});
