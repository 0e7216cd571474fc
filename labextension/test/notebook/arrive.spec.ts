import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Arrival, Document } from '../../src/protocol/_schema';
import { arrive } from '../../src/notebook/arrive';
import { sampleDocument, sampleSnapshot } from '../support/answers';

interface Case {
  name: string;
  document: unknown;
  arrival: unknown;
  after: unknown;
}

const CASES = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tests/fixtures/arrivals.json'), 'utf8')
) as Case[];

/** Puts the snapshots where the file has their names. */
function whole(plain: unknown): unknown {
  const entries = Object.entries((plain ?? {}) as Record<string, unknown>);
  const found = entries.map(([key, value]) =>
    ['reference', 'latest', 'snapshot'].includes(key) && typeof value === 'string'
      ? [key, sampleSnapshot(value as Parameters<typeof sampleSnapshot>[0])]
      : [key, value]
  );
  return plain === null ? null : Object.fromEntries(found);
}

describe('what a notebook holds after an execution', () => {
  it.each(CASES)('is what the kernel would record: $name', ({ document, arrival, after }) => {
    const before = whole(document) as Document | null;
    const copy = structuredClone(before);
    expect(arrive(before, whole(arrival) as Arrival)).toEqual(whole(after));
    expect(before).toEqual(copy);
  });

  const plain: Arrival = { schema_version: 1, digest: sampleSnapshot().digest };

  it('is nothing where the cell did not ask for a record', () => {
    expect(arrive(null, { ...plain, snapshot: sampleSnapshot() })).toBeNull();
    expect(arrive(null, { ...plain, does: 'record' })).toBeNull();
  });

  it('is what it was where an unknown environment is named alone', () => {
    const document = sampleDocument('conda_gpu');
    expect(arrive(document, plain)).toEqual(document);
  });

  it('keeps the policy that was chosen', () => {
    expect(arrive(sampleDocument(), { ...plain, policy: 'production' })?.policy).toBe('production');
    const document = { ...sampleDocument(), policy: 'production' as const };
    expect(arrive(document, plain)?.policy).toBe('production');
  });

  it('takes nothing from results of another form', () => {
    const document = { ...sampleDocument(), results: { x: { parts: 1, history: 'long' } } };
    const moment = { created: '2026-12-01T00:00:00Z', env: '0'.repeat(12), value: '1' };
    const results = { x: { parts: [{ type: 'int', value: '1' }], history: [moment] } };
    const after = arrive(document as unknown as Document, { ...plain, results });
    expect(after?.results?.x).toEqual({ parts: 1, latest: results.x.parts, history: [moment] });
  });

  it.each([undefined, null, {}, [null]])(
    'takes no result for that of another run where %j is recorded',
    parts => {
      const document = { ...sampleDocument(), results: { x: { parts } } };
      const results = { x: { parts: [{ type: 'int', value: '1' }], created: '' } };
      const after = arrive(document as unknown as Document, { ...plain, results });
      expect(after?.results?.x).toMatchObject({ latest: results.x.parts });
    }
  );
});
