/** Generated from jupyter_repro/model/schema by `jlpm schema`. Do not edit. */

/**
 * All types, by name.
 */
export interface Schemas {
  Arrival: Arrival;
  Check: Check;
  Document: Document;
  Message: Message;
  Packages: Packages;
  CellStamp: CellStamp;
}
/**
 * What one execution of a cell brings to its notebook, under `TRANSIENT_KEY`.
 */
export interface Arrival {
  cell?: string | null;
  digest: string;
  does?: ('accept' | 'record') | null;
  findings?: RunFinding[];
  policy?: ('production' | 'research') | null;
  results?: {
    [k: string]: Result;
  };
  schema_version: number;
  snapshot?: Snapshot | null;
  stamp?: CellStamp | null;
}
/**
 * One thing that was seen while the notebook ran and that bears on whether its results repeat.
 */
export interface RunFinding {
  advice: string;
  cell?: string | null;
  count?: number;
  file?: string | null;
  kind: string;
  line?: number | null;
  severity: 'note' | 'warning';
  what: string;
}
/**
 * A named result of a notebook.
 */
export interface Result {
  cell?: string | null;
  history?: Moment[];
  latest?: Part[] | null;
  noise?: Noise | null;
  parts: Part[];
  tolerance?: Tolerance | null;
}
/**
 * A value that a result once had.
 */
export interface Moment {
  created: string;
  env: string;
  value: string;
}
/**
 * One part of a value: a number, a text, an array.
 */
export interface Part {
  path?: string;
  sha256?: string | null;
  statistics?: Statistics | null;
  type: string;
  value?: string | null;
  values?: string[] | null;
}
/**
 * What is kept of many numbers.
 */
export interface Statistics {
  maximum: string;
  mean: string;
  minimum: string;
  norm: string;
  odd?: string | null;
  samples?: string[];
  sketch: string;
  smallest: string;
  std: string;
}
/**
 * How much a result moved when nothing, or the seed alone, was changed.
 */
export interface Noise {
  high?: string | null;
  low?: string | null;
  other_seeds?: string | null;
  runs?: number;
  same_seed?: string | null;
  seeds?: number;
  tolerance?: Tolerance | null;
}
/**
 * How far a number may be from the recorded one.
 */
export interface Tolerance {
  atol?: number;
  rtol?: number;
  ulp?: number;
}
/**
 * The stack behind one run.
 */
export interface Snapshot {
  created: string;
  digest: string;
  imported?: ImportedFrom | null;
  layers: Layers;
  schema_version: number;
  third_party?: {
    [k: string]: ThirdPartyLayer;
  };
  tool: string;
}
/**
 * The file that a snapshot was read from: it contains what that file says, and nothing else.
 */
export interface ImportedFrom {
  file?: string | null;
  format: string;
  md5?: {
    [k: string]: string;
  };
  notes?: string[];
  options?: string[];
  requires_python?: string | null;
}
/**
 * All layers, from the notebook down to the hardware, and beside them the determinism.
 */
export interface Layers {
  conda: CondaLayer;
  core: CoreLayer;
  determinism: DeterminismLayer;
  frameworks: FrameworksLayer;
  gpu: GpuLayer;
  libraries: LibrariesLayer;
  notebook: NotebookLayer;
  packages: PackagesLayer;
  system: SystemLayer;
}
/**
 * The conda packages of the environment, read from its ``conda-meta``.
 */
export interface CondaLayer {
  activated?: boolean | null;
  activation?: string[];
  channels?: string[];
  channels_from?: string | null;
  install_order?: string[];
  name?: string | null;
  packages?: {
    [k: string]: string[];
  };
  pinned?: string[];
  reason?: string | null;
  requested?: string[];
  status: 'error' | 'ok' | 'unavailable';
}
/**
 * Python itself, and the tool that made the environment.
 */
export interface CoreLayer {
  compiler?: string | null;
  environment?: ('conda' | 'conda base' | 'system' | 'venv' | 'venv on conda') | null;
  free_threaded?: boolean;
  implementation?: string | null;
  manager?: string | null;
  manager_version?: string | null;
  python?: string | null;
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
}
/**
 * State of the random generators and of the switches that decide whether results repeat.
 */
export interface DeterminismLayer {
  determinism?: ('cudnn' | 'off' | 'strict' | 'warn') | null;
  from_outside?: boolean;
  hash_randomization?: boolean | null;
  rank?: number | null;
  reason?: string | null;
  seed?: string | null;
  seeded?: string[];
  status: 'error' | 'ok' | 'unavailable';
  torch?: {
    [k: string]: boolean | number | string | null;
  };
  variables?: {
    [k: string]: string;
  };
  waiting?: string[];
}
/**
 * The numerical frameworks that are installed, sorted by name.
 */
export interface FrameworksLayer {
  frameworks?: Framework[];
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
}
/**
 * A numerical framework.
 */
export interface Framework {
  build?: {
    [k: string]: boolean | number | string | null;
  };
  loaded?: string | null;
  name: string;
  runtime?: {
    [k: string]: boolean | number | string | null;
  };
  version?: string | null;
}
/**
 * Accelerators and their drivers.
 */
export interface GpuLayer {
  cuda_driver?: string | null;
  devices?: GpuDevice[];
  driver?: string | null;
  library_driver?: string | null;
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
  vendor?: ('amd' | 'apple' | 'intel' | 'nvidia') | null;
}
/**
 * One accelerator. No UUID and no serial number: they identify a machine.
 */
export interface GpuDevice {
  compute_capability?: string | null;
  ecc?: boolean | null;
  memory_mib?: number | null;
  mig?: boolean | null;
  name: string;
  sm_count?: number | null;
}
/**
 * Numerical libraries: the variables that steer them, and those that are loaded.
 */
export interface LibrariesLayer {
  loaded?: Library[];
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
  variables?: {
    [k: string]: string;
  };
}
/**
 * A BLAS or OpenMP implementation that this process has loaded.
 */
export interface Library {
  architecture?: string | null;
  name: string;
  threading?: string | null;
  threads?: number | null;
  version?: string | null;
}
/**
 * The notebook itself: its kernel, the code beside it, and what it really imported.
 */
export interface NotebookLayer {
  git?: Git | null;
  kernel_name?: string | null;
  language?: string | null;
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
  used?: string[];
}
/**
 * State of the git work tree that the kernel runs in.
 */
export interface Git {
  commit: string;
  dirty?: boolean | null;
  remote?: string | null;
}
/**
 * Every Python distribution on ``sys.path``, sorted; see the module for a line's form.
 */
export interface PackagesLayer {
  packages?: string[];
  python_path?: boolean;
  reason?: string | null;
  requested?: string[];
  status: 'error' | 'ok' | 'unavailable';
  user_site?: boolean;
}
/**
 * Operating system and processor. `platform` is conda's name for the pair (``linux-64``).
 */
export interface SystemLayer {
  container?: string | null;
  cores?: number | null;
  cpu?: string | null;
  cpu_features?: string[];
  kernel?: string | null;
  libc?: string | null;
  machine?: string | null;
  os?: string | null;
  platform?: string | null;
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
}
/**
 * A layer of a third party's probe: plain facts that stay the same from run to run.
 */
export interface ThirdPartyLayer {
  facts?: {
    [k: string]: boolean | number | string | null;
  };
  reason?: string | null;
  status: 'error' | 'ok' | 'unavailable';
}
/**
 * What a cell keeps under ``metadata.jupyter_repro``: how its outputs were made.
 */
export interface CellStamp {
  env?: string | null;
  rng?: {
    [k: string]: string;
  };
  source?: string | null;
}
/**
 * What a kernel answers to a front end that asks about a notebook.
 */
export interface Check {
  cell_id?: string | null;
  document?: Document | null;
  facts: {
    [k: string]: string[];
  };
  notes?: string[];
  overall?: Overall | null;
  problem?: string | null;
  recorded?: boolean;
  reference_facts?: {
    [k: string]: string[];
  } | null;
  report?: Report | null;
  results?: ResultCheck[];
  schema_version?: number;
  snapshot: Snapshot;
  stamps?: {
    [k: string]: CellStamp;
  };
  tool: string;
  unchanged?: boolean;
}
/**
 * What a notebook keeps under ``metadata.jupyter_repro``.
 */
export interface Document {
  findings?: RunFinding[];
  latest?: Snapshot | null;
  policy?: ('production' | 'research') | null;
  reference: Snapshot;
  results?: {
    [k: string]: Result;
  };
  schema_version: number;
}
/**
 * The verdict on a notebook: on its environment and its named results together.
 */
export interface Overall {
  differences: number;
  summary: string;
  verdict: 'drift' | 'match' | 'mismatch' | 'not checked' | 'not comparable' | 'not run';
}
/**
 * The comparison of a reference with a current snapshot; `findings` are worst first.
 */
export interface Report {
  current_digest: string;
  findings: Finding[];
  ignored?: number;
  imported?: string;
  layers: {
    [k: string]: LayerReport;
  };
  policy: string;
  reference_digest: string;
  schema_version?: number;
  summary: string;
  verdict: 'drift' | 'match' | 'mismatch' | 'not checked' | 'not comparable';
}
/**
 * One difference between two snapshots, weighed by a policy.
 */
export interface Finding {
  action: string;
  current: string | null;
  kind: string;
  layer: string;
  reference: string | null;
  severity: 'error' | 'note' | 'warning';
  subject: string;
  used: boolean;
  why: string;
}
/**
 * Verdict on one layer, with the reason where it could not be compared.
 */
export interface LayerReport {
  absent?: boolean;
  reason?: string | null;
  verdict: 'drift' | 'match' | 'mismatch' | 'not checked' | 'not comparable';
}
/**
 * A named result as a front end shows it.
 */
export interface ResultCheck {
  band?: number[];
  cell?: string | null;
  current: string;
  fails?: boolean;
  name: string;
  outcome: 'different' | 'identical' | 'not comparable' | 'not run' | 'within tolerance';
  reference: string;
  tolerance?: string;
  values?: number[];
  why?: string;
}
/**
 * What is displayed under `MIME_TYPE`.
 */
export interface Message {
  accept?: boolean;
  digest: string;
  findings?: RunFinding[];
  policy?: ('production' | 'research') | null;
  results?: {
    [k: string]: RunResult;
  };
  schema_version: number;
  snapshot?: string | null;
  stamps?: {
    [k: string]: CellStamp;
  };
}
/**
 * What one run gave for a named result; the fields are those of `Result`.
 */
export interface RunResult {
  cell?: string | null;
  created: string;
  parts: Part[];
  tolerance?: Tolerance | null;
}
/**
 * What a kernel answers to a front end that opens the table of packages.
 */
export interface Packages {
  rows: PackageRow[];
}
/**
 * One row of the table of packages; either side may lack the package.
 */
export interface PackageRow {
  current?: string | null;
  differs?: boolean | null;
  layers: string[];
  name: string;
  origin?: string;
  recorded?: string | null;
  used?: boolean;
}
