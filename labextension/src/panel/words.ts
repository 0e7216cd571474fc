/**
 * Every sentence of the panel, the status item and the toolbar indicator.
 *
 * A bundle of JupyterLab's translator fits `Trans`; a test passes one that changes nothing. The
 * calls keep their literal strings, so that the usual extractors find them. What Python says of a
 * difference (`why`, `action`, the summary) is shown as it comes.
 */
import type { Finding, Overall, Report, ResultCheck } from '../protocol/_schema';

/** The part of `TranslationBundle` that is used here. In `_n`, `%1` is the count itself. */
export interface Trans {
  __: (id: string, ...args: string[]) => string;
  _n: (id: string, plural: string, count: number, ...args: string[]) => string;
}

/** Of a notebook or a layer. */
export type Verdict = Report['verdict'] | Overall['verdict'] | 'not present';
export type Severity = Finding['severity'];
export type Outcome = ResultCheck['outcome'];

/** What a first cell holds that records its notebook. */
export const MAGIC = '%load_ext jupyter_repro\n%repro seed=42';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

export type Words = ReturnType<typeof createWords>;

/** Return all sentences in the language of a bundle. Those of verdicts are Python's. */
export function createWords(trans: Trans) {
  return {
    ...frameWords(trans),
    ...verdictWords(trans),
    ...stateWords(trans),
    ...stackWords(trans),
    ...findingWords(trans),
    ...resultWords(trans),
    ...packageWords(trans),
    ...cellWords(trans),
    ...actionWords(trans),
    ...messageWords(trans),
    ...commandWords(trans)
  };
}

function frameWords(trans: Trans) {
  return {
    badge: (state: string) => trans.__('Reproducibility: %1', state),
    panelTitle: trans.__('Reproducibility'),
    panelLabel: (notebook: string) => trans.__('Reproducibility of %1', notebook),
    stack: trans.__('Stack'),
    results: trans.__('Results'),
    differences: trans.__('Differences'),
    run: trans.__('Seen in this run'),
    packages: trans.__('Packages'),
    cells: trans.__('Cells'),
    recorded: trans.__('Recorded'),
    here: trans.__('Here'),
    on: trans.__('on'),
    off: trans.__('off'),
    none: trans.__('none'),
    joined: (list: string, total: number) => trans.__('%1 … (%2 in all)', list, String(total))
  };
}

function verdictWords(trans: Trans) {
  const names: Record<Verdict, string> = {
    match: trans.__('Matches'),
    drift: trans.__('Drifts'),
    mismatch: trans.__('Differs'),
    'not comparable': trans.__('Cannot be compared'),
    'not checked': trans.__('Not checked'),
    'not present': trans.__('Not present'),
    'not run': trans.__('Results not run')
  };
  const severities: Record<Severity, string> = {
    error: trans.__('Error'),
    warning: trans.__('Warning'),
    note: trans.__('Note')
  };
  return {
    verdict: (verdict: Verdict) => names[verdict],
    severity: (severity: Severity) => severities[severity],
    severityCount: (severity: Severity, count: number) => {
      switch (severity) {
        case 'error':
          return trans._n('%1 error', '%1 errors', count);
        case 'warning':
          return trans._n('%1 warning', '%1 warnings', count);
        case 'note':
          return trans._n('%1 note', '%1 notes', count);
      }
    },
    seed: (seed: string) => trans.__('Seed %1', seed),
    notSeeded: trans.__('Not seeded'),
    recordedAt: (when: string) => trans.__('Recorded %1', when),
    recordedIn: (when: string, where: string) => trans.__('Recorded %1 in %2', when, where),
    condaEnvironment: (name: string) => trans.__('conda environment %1', name),
    python: (version: string) => trans.__('Python %1', version),
    policy: (name: string) => trans.__('Policy %1', name),
    checkedAt: (when: string) => trans.__('Checked %1', when),
    latest: (when: string) =>
      trans.__('The last run, on %1, used a different environment from the recorded one.', when),
    readOnly: trans.__('This notebook is read-only: nothing is written to it.')
  };
}

function stateWords(trans: Trans) {
  /** States that need no more than a sentence. */
  const sentences = {
    'no-notebook': trans.__('Open a notebook to see the stack behind it.'),
    'not-asked': trans.__('This notebook has not been checked yet.'),
    starting: trans.__('The kernel is starting. The notebook is checked when it is ready.'),
    dead: trans.__('The kernel has died. Restart it to check this notebook.'),
    'no-kernel': trans.__('This notebook has no kernel, so there is nothing to compare with.'),
    'not-installed': trans.__(
      "jupyter_repro is not installed in this kernel's environment. Install it, then check again:"
    ),
    timeout: trans.__('The kernel did not answer in time.'),
    'nothing-recorded': trans.__('Nothing is recorded yet. Put this in the first cell and run it:')
  };
  return {
    sentence: (kind: keyof typeof sentences) => sentences[kind],
    busy: trans.__('The kernel is running a cell. The notebook is checked when it is done.'),
    busyLast: (when: string) => trans.__('Below is the result of the check on %1.', when),
    notPython: (language: string) =>
      trans.__('This kernel runs %1. Only Python kernels can be checked.', language),
    outdated: (which: 'kernel' | 'extension', kernel: string, extension: string) =>
      [
        trans.__('The kernel has jupyter_repro %1, this panel is version %2.', kernel, extension),
        which === 'kernel'
          ? trans.__('Update the package in the environment of the kernel.')
          : trans.__('Update the package where JupyterLab runs, then reload the page.')
      ].join(' '),
    olderVersion: trans.__('(an older version)'),
    garbled: (reason: string) => trans.__('Unexpected reply from the kernel: %1', reason),
    unreadable: (reason: string) =>
      trans.__('The record in this notebook cannot be read. It was not changed: %1', reason),
    nothingRecordedTitle: trans.__('Nothing recorded'),
    recordedStack: trans.__('This is the recorded stack.'),
    liveStack: trans.__('This is the stack that would be recorded.')
  };
}

function stackWords(trans: Trans) {
  const titles: Record<string, string> = {
    notebook: trans.__('Notebook'),
    frameworks: trans.__('Frameworks'),
    packages: trans.__('Python packages'),
    conda: trans.__('conda environment'),
    core: trans.__('Python'),
    system: trans.__('Operating system'),
    gpu: trans.__('GPU and driver'),
    libraries: trans.__('Numerical libraries'),
    determinism: trans.__('Determinism')
  };
  return {
    layer: (name: string) => (Object.hasOwn(titles, name) ? titles[name] : undefined) ?? name,
    stackLabel: trans.__('The stack, from the notebook down to the hardware'),
    besideLabel: trans.__('Beside the stack'),
    unavailable: trans.__('Not present'),
    unavailableBecause: (reason: string) => trans.__('Not present: %1', reason),
    failed: (reason: string) => trans.__('Could not be read: %1', reason),
    hereInstead: (facts: string) => trans.__('Here: %1', facts),
    details: (layer: string) => trans.__('%1: recorded and here', layer),
    property: trans.__('Property'),
    nothingToShow: trans.__('No details.'),
    rowsLeftOut: (count: number) =>
      trans._n('%1 more line is not shown.', '%1 more lines are not shown.', count)
  };
}

function findingWords(trans: Trans) {
  return {
    noDifferences: trans.__('No differences in the environment.'),
    allFiltered: trans.__('No difference of this severity.'),
    showSeverity: trans.__('Show'),
    groupBy: trans.__('Group by'),
    bySeverity: trans.__('Severity'),
    byLayer: trans.__('Layer'),
    used: trans.__('used'),
    usedMeaning: trans.__('This notebook uses it'),
    from: trans.__('recorded'),
    to: trans.__('here'),
    absent: trans.__('absent'),
    whatToDo: trans.__('What to do:'),
    showMore: (count: number) => trans.__('Show %1 more', String(count)),
    copyMarkdown: trans.__('Copy as Markdown'),
    differencesFound: (count: number) => trans._n('%1 difference', '%1 differences', count)
  };
}

function resultWords(trans: Trans) {
  const outcomes: Record<Outcome, string> = {
    identical: trans.__('identical'),
    'within tolerance': trans.__('within tolerance'),
    different: trans.__('different'),
    'not comparable': trans.__('not comparable'),
    'not run': trans.__('not run')
  };
  return {
    outcome: (outcome: Outcome) => outcomes[outcome],
    values: (list: string) => trans.__('Values, the oldest first: %1.', list),
    band: (low: string, high: string) => trans.__('Within tolerance from %1 to %2.', low, high)
  };
}

function packageWords(trans: Trans) {
  return {
    search: trans.__('Search packages'),
    usedFirst: trans.__('Used first'),
    onlyDifferent: trans.__('Only different'),
    packageName: trans.__('Package'),
    origin: trans.__('From'),
    packageCount: (shown: number, all: number) =>
      shown === all
        ? trans._n('%1 package', '%1 packages', all)
        : trans._n('%2 of %1 package', '%2 of %1 packages', all, String(shown)),
    packagesAsked: trans.__('Asking the kernel…'),
    packagesNotChecked: trans.__(
      'These are the recorded packages. This kernel has not been asked whether they differ.'
    ),
    noPackages: trans.__('No packages are listed.'),
    noneFound: trans.__('No package matches.'),
    differs: trans.__('differs')
  };
}

function cellWords(trans: Trans) {
  return {
    noStamps: trans.__('No cell has run since this notebook was recorded.'),
    madeIn: (count: number) =>
      trans._n(
        'All outputs were made in one environment.',
        'The outputs were made in %1 different environments.',
        count
      ),
    referenceEnvironment: (id: string) => trans.__('The recorded environment (%1)', id),
    latestEnvironment: (id: string) => trans.__('The environment of the last run (%1)', id),
    liveEnvironment: (id: string) => trans.__('The environment of this kernel (%1)', id),
    otherEnvironment: (id: string) => trans.__('A different environment (%1)', id),
    unknownEnvironment: trans.__('Unknown'),
    line: (number: number) => trans.__('line %1', String(number)),
    wholeRun: trans.__('Whole run'),
    cellNumber: (position: number) => trans.__('Cell %1', String(position)),
    cellNumbers: (positions: string, count: number) =>
      trans._n('Cell %2', 'Cells %2', count, positions),
    moreCells: (count: number) => trans._n('and %1 more cell', 'and %1 more cells', count)
  };
}

function actionWords(trans: Trans) {
  return {
    actions: trans.__('Actions'),
    checkNow: trans.__('Check now'),
    recordAgain: trans.__('Record again'),
    recordAgainMeaning: trans.__('Run the cell with %repro once more'),
    accept: trans.__('Accept as reference…'),
    acceptTitle: trans.__('Replace the recorded reference?'),
    acceptLoss: (when: string, differences: string) =>
      trans.__(
        "This replaces the environment recorded on %1 with this kernel's environment. %2 will no longer be shown.",
        when,
        differences
      ),
    acceptOutputs: trans.__(
      'Existing outputs are kept, but the notebook will no longer say which environment produced them. You can recover that only from an earlier version of the file.'
    ),
    acceptConfirm: trans.__('Replace the reference'),
    copyEnvironment: trans.__('Copy environment.yml'),
    copyRestore: trans.__('Copy the restore command'),
    exportFiles: trans.__('Export…'),
    insertMagic: trans.__('Insert it'),
    copyCommand: trans.__('Copy command'),
    copied: trans.__('Copied'),
    openPanel: trans.__('Open the reproducibility panel')
  };
}

/** Notifications, questions and the marks beside the cells. */
function messageWords(trans: Trans) {
  return {
    acceptUnanswered: trans.__(
      'The kernel did not answer, so nothing was accepted. Try again when it is idle.'
    ),
    environmentUnanswered: trans.__(
      'The kernel did not return its environment. Try again when it is idle.'
    ),
    overwrite: (files: string) => trans.__('Overwrite %1?', files),
    showDifferences: trans.__('Show differences'),
    mute: trans.__('Do not notify me again about this notebook'),
    otherOutputs: trans.__('Produced in a different environment from the recorded one')
  };
}

/** Names of the commands in the palette. */
function commandWords(trans: Trans) {
  return {
    commandShow: trans.__('Show the Environment Panel'),
    commandCheck: trans.__('Check the Environment'),
    commandRecord: trans.__('Record the Environment Again'),
    commandAccept: trans.__('Accept the Environment as Reference'),
    commandInsert: trans.__('Insert %repro into the First Cell')
  };
}
