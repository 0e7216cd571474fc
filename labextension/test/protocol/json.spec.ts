import { describe, expect, it } from 'vitest';

import { isShallow, sameJson } from '../../src/protocol/json';

describe('equality', () => {
  it.each([
    [1, 1],
    [null, null],
    [
      { a: 1, b: [1, { c: null }] },
      { b: [1, { c: null }], a: 1 }
    ],
    [[], []]
  ])('holds between %j and %j', (a, b) => {
    expect(sameJson(a, b)).toBe(true);
  });

  it.each([
    [1, '1'],
    [null, undefined],
    [null, {}],
    [[], {}],
    [{}, []],
    [[1, 2], [1]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: undefined }, { b: undefined }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ toString: 1 }, {}]
  ])('does not hold between %j and %j', (a, b) => {
    expect(sameJson(a, b)).toBe(false);
    expect(sameJson(b, a)).toBe(false);
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
