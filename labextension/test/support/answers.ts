/** The sample snapshots that pytest reads too, and what a kernel says about them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Check, Document, Report, Snapshot } from '../../src/protocol/_schema';

const FOLDER = join(import.meta.dirname, '../../../tests/fixtures/snapshots');

export const SAMPLES = ['minimal', 'pip_cpu', 'conda_gpu'] as const;

export function sampleSnapshot(name: (typeof SAMPLES)[number] = 'pip_cpu'): Snapshot {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Snapshot;
}

export function sampleDocument(name: (typeof SAMPLES)[number] = 'pip_cpu'): Document {
  return { schema_version: 1, reference: sampleSnapshot(name) };
}

export function sampleReport(change: Partial<Report> = {}): Report {
  return {
    schema_version: 1,
    verdict: 'match',
    summary: 'No differences.',
    policy: 'research',
    reference_digest: sampleSnapshot().digest,
    current_digest: sampleSnapshot().digest,
    layers: { core: { verdict: 'match' } },
    findings: [],
    ...change
  };
}

export function sampleFinding(
  severity: Report['findings'][number]['severity']
): Report['findings'][number] {
  return {
    kind: 'version-minor',
    layer: 'packages',
    subject: 'numpy',
    reference: '2.4.0',
    current: '2.5.0',
    severity,
    used: true,
    why: 'Results may differ.',
    action: 'Install numpy 2.4.0.'
  };
}

export function sampleCheck(change: Partial<Check> = {}): Check {
  return {
    schema_version: 1,
    tool: '0.1.0',
    recorded: true,
    document: sampleDocument(),
    report: sampleReport(),
    snapshot: sampleSnapshot(),
    facts: { core: ['CPython 3.11.7'] },
    reference_facts: { core: ['CPython 3.11.7'] },
    notes: [],
    ...change
  };
}
