import * as React from 'react';

import { Fragment, h } from '../jsx';
import { dateText, plain } from '../formats';
import { checkedOf, type CellEnvironment, type ReproState } from '../model';
import {
  sidesOf,
  type Change,
  type PanelActions,
  type SectionName,
  type Sides,
  type View
} from '../view';
import { behind, VERSION } from '../version';
import type { Words } from '../words';
import { ActionBar } from './ActionBar';
import { Cells } from './Cells';
import { Findings } from './Findings';
import { Notice } from './Notice';
import { PackageTable } from './PackageTable';
import { Results } from './Results';
import { RunFindings } from './RunFindings';
import { Section } from './Section';
import { Stack } from './Stack';
import { VerdictLine } from './VerdictLine';

export interface PanelProps {
  /** File name of the notebook; empty where there is none. */
  readonly name: string;
  readonly state: ReproState;
  readonly cells: readonly CellEnvironment[];
  readonly view: View;
  readonly words: Words;
  readonly actions: PanelActions;
  readonly onView: Change;
}

/** Everything that is said about one notebook. */
export function Panel(props: PanelProps) {
  const { name, state, words, actions } = props;
  const sides = React.useMemo(() => sidesOf(state), [state]);
  return (
    <div className="jp-Repro-Content" role="region" aria-label={words.panelLabel(plain(name, 120))}>
      {state.kind !== 'no-notebook' && (
        <>
          <p className="jp-Repro-File">{plain(name, 120)}</p>
          <VerdictLine state={state} sides={sides} words={words} />
        </>
      )}
      <Notice state={state} words={words} actions={actions} />
      <ActionBar state={state} words={words} actions={actions} />
      <Remarks state={state} words={words} />
      <Sections {...props} sides={sides} />
    </div>
  );
}

/** What is true beside the verdict: read-only, another last run, what is not in force. */
function Remarks({ state, words }: { state: ReproState; words: Words }) {
  const checked = checkedOf(state);
  const notes = checked?.notes ?? (state.kind === 'nothing-recorded' ? state.notes : []);
  const latest = checked?.document.latest;
  const tool = plain(checked?.snapshot.tool ?? '', 60);
  const which = behind(tool);
  const remarks = [
    ...(which ? [words.outdated(which, tool, VERSION)] : []),
    ...(checked?.readOnly ? [words.readOnly] : []),
    ...(latest ? [words.latest(dateText(latest.created))] : []),
    ...notes.slice(0, 20).map(note => plain(note))
  ];
  return remarks.length === 0 ? null : (
    <ul className="jp-Repro-Remarks">
      {remarks.map((remark, place) => (
        <li key={place}>{remark}</li>
      ))}
    </ul>
  );
}

function Sections(props: PanelProps & { readonly sides: Sides }) {
  const { state, cells, sides, view, words, actions, onView } = props;
  const { recorded, live, report } = sides;
  const seen = sides.document?.findings ?? [];
  const results = checkedOf(state)?.results ?? [];
  if (!recorded && !live) {
    return null;
  }
  const section = (name: SectionName) => ({
    open: view.sections[name],
    onToggle: () => onView({ sections: { ...view.sections, [name]: !view.sections[name] } })
  });
  return (
    <>
      <Section title={words.stack} {...section('stack')}>
        {() => (
          <>
            {!report && <p>{recorded ? words.recordedStack : words.liveStack}</p>}
            <Stack sides={sides} open={view.layers} words={words} onView={onView} />
          </>
        )}
      </Section>
      {results.length > 0 && (
        <Section title={words.results} aside={String(results.length)} {...section('results')}>
          {() => (
            <Results results={results} cells={cells} words={words} onCell={actions.showCell} />
          )}
        </Section>
      )}
      {report && (
        <Section
          title={words.differences}
          aside={String(report.findings.length)}
          {...section('differences')}
        >
          {() => (
            <Findings
              report={report}
              view={view}
              words={words}
              onView={onView}
              onCopy={actions.copy}
            />
          )}
        </Section>
      )}
      {seen.length > 0 && (
        <Section title={words.run} aside={String(seen.length)} {...section('run')}>
          {() => (
            <RunFindings findings={seen} cells={cells} words={words} onCell={actions.showCell} />
          )}
        </Section>
      )}
      <Section title={words.packages} {...section('packages')}>
        {() => (
          <PackageTable
            recorded={recorded}
            live={live}
            source="all"
            query={view.query}
            words={words}
            onQuery={query => onView({ query })}
          />
        )}
      </Section>
      {recorded && (
        <Section title={words.cells} {...section('cells')}>
          {() => <Cells cells={cells} sides={sides} words={words} onCell={actions.showCell} />}
        </Section>
      )}
    </>
  );
}
