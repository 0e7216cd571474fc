import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import { describe, expect, it } from 'vitest';

import { writeDocument, writeStamp } from '../../src/notebook/lift';
import type { Document } from '../../src/protocol/_schema';
import { METADATA_KEY } from '../../src/protocol/parse';
import { sampleDocument } from '../support/answers';

/** A model that has metadata and nothing else. */
class Metadata {
  readonly values = new Map<string, unknown>();

  constructor(ours: unknown) {
    if (ours !== undefined) {
      this.values.set(METADATA_KEY, ours);
    }
  }

  get ours(): unknown {
    return this.values.get(METADATA_KEY);
  }

  getMetadata(key: string): unknown {
    return this.values.get(key);
  }

  setMetadata(key: string, value: unknown): void {
    this.values.set(key, value);
  }

  deleteMetadata(key: string): void {
    this.values.delete(key);
  }
}

function write(model: Metadata, document: unknown): boolean {
  return writeDocument(model as unknown as INotebookModel, document as Document);
}

function stamp(model: Metadata, value: object): boolean {
  return writeStamp(model as unknown as ICellModel, value);
}

describe('a document', () => {
  it.each([undefined, null, 1, 'text', [], {}])('is written where there was %j', before => {
    const model = new Metadata(before);
    expect(write(model, sampleDocument())).toBe(true);
    expect(model.ours).toEqual(sampleDocument());
  });

  it.each([
    [1, 1],
    [null, null],
    [
      { a: 1, b: [1, { c: null }] },
      { b: [1, { c: null }], a: 1 }
    ],
    [[], []]
  ])('is not written again where %j is as %j', (a, b) => {
    const before = { a };
    const model = new Metadata(before);
    expect(write(model, { a: b })).toBe(false);
    expect(model.ours).toBe(before);
  });

  it.each([
    [1, '1'],
    [null, undefined],
    [null, {}],
    [[], {}],
    [{}, []],
    [[1, 2], [1]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ toString: 1 }, {}]
  ])('is written where %j is not as %j', (a, b) => {
    expect(write(new Metadata({ a }), { a: b })).toBe(true);
    expect(write(new Metadata({ a: b }), { a })).toBe(true);
  });
});

describe('a stamp', () => {
  const env = '0'.repeat(12);

  it.each([
    ['nothing', undefined, { env }, { env }],
    ['null', null, { env }, { env }],
    ['another form', [1], { env }, { env }],
    ['an older one', { env: '1', source: 'a', rng: 'b' }, { env }, { env }],
    ['what others wrote', { theirs: 1 }, { env }, { env, theirs: 1 }],
    ['one of which nothing is known', { env }, {}, undefined],
    ['an empty one', {}, {}, undefined],
    ['null, and nothing is known', null, {}, undefined],
    ['more than is known', { env, theirs: 1 }, {}, { theirs: 1 }]
  ])('takes the place of %s', (_, before, value, after) => {
    const model = new Metadata(before);
    expect(stamp(model, value)).toBe(true);
    expect(model.ours).toEqual(after);
  });

  it.each([
    [undefined, {}],
    [{ env }, { env }],
    [{ theirs: 1 }, {}]
  ])('changes nothing where %j is as it should be', (before, value) => {
    const model = new Metadata(before);
    expect(stamp(model, value)).toBe(false);
    expect(model.ours).toBe(before);
  });
});
