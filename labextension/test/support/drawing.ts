/** The sample snapshots that pytest reads too, and the states that are drawn of them. */
import conda from '../../../tests/fixtures/snapshots/conda_gpu.json';
import minimal from '../../../tests/fixtures/snapshots/minimal.json';
import pip from '../../../tests/fixtures/snapshots/pip_cpu.json';
import type { Finding, Overall, Report, ResultCheck, Snapshot } from '../../src/protocol/_schema';
import type { Checked, ReproState } from '../../src/notebook/model';
import { createWords, type Trans } from '../../src/panel/words';

export const CONDA = conda as unknown as Snapshot;
export const PIP = pip as unknown as Snapshot;
export const MINIMAL = minimal as unknown as Snapshot;

/** Fills in the arguments as JupyterLab's bundles do, and translates nothing. */
export const PLAIN: Trans = {
  __: (id, ...args) => fill(id, args),
  _n: (id, plural, count, ...args) => fill(count === 1 ? id : plural, [String(count), ...args])
};

export const WORDS = createWords(PLAIN);

function fill(text: string, args: readonly string[]): string {
  return text.replace(/%(\d+)/g, (_, place: string) => args[Number(place) - 1] ?? 'MISSING');
}

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    kind: 'version-minor',
    layer: 'frameworks',
    subject: 'torch',
    reference: '2.4.1',
    current: '2.5.0',
    severity: 'error',
    used: true,
    why: 'Kernels may change.',
    action: 'Install the recorded one.',
    ...change
  };
}

export function result(change: Partial<ResultCheck> = {}): ResultCheck {
  return {
    name: 'loss',
    outcome: 'different',
    reference: '0.5',
    current: '0.51',
    why: 'loss is 0.51, not 0.5.',
    tolerance: 'rtol=0.001',
    cell: 'c1',
    values: [0.5, 0.51],
    band: [0.4995, 0.5005],
    ...change
  };
}

export function report(change: Partial<Report> = {}): Report {
  return {
    schema_version: 1,
    verdict: 'mismatch',
    summary: 'Differs: 1 error.',
    policy: 'research',
    reference_digest: CONDA.digest,
    current_digest: PIP.digest,
    layers: { frameworks: { verdict: 'mismatch' }, core: { verdict: 'match' } },
    findings: [finding()],
    ...change
  };
}

export function overall(change: Partial<Overall> = {}): Overall {
  return { verdict: 'mismatch', summary: 'Differs: 1 error.', differences: 1, ...change };
}

/** By default the verdict on all of it is that on the environment. */
export function checked(change: Partial<Checked> = {}): Extract<ReproState, { kind: 'checked' }> {
  const environment = change.report ?? report();
  return {
    kind: 'checked',
    document: { schema_version: 1, reference: CONDA },
    report: environment,
    overall: { ...environment, differences: environment.findings.length },
    results: [],
    snapshot: PIP,
    facts: { frameworks: ['torch 2.5.1+cpu'] },
    referenceFacts: { frameworks: ['torch 2.4.1'] },
    notes: [],
    readOnly: false,
    at: Date.UTC(2026, 10, 22, 17, 5),
    ...change
  };
}

/** A snapshot with that many conda packages. */
export function snapshotWith(packages: number, version = '1.0'): Snapshot {
  const lines = Array.from({ length: packages }, (_, n) => `package${n}-${version}-h0_0.conda`);
  const channel = 'https://conda.anaconda.org/conda-forge/linux-64';
  const own = { ...CONDA.layers.conda, packages: { [channel]: lines } };
  return { ...CONDA, layers: { ...CONDA.layers, conda: own } };
}
