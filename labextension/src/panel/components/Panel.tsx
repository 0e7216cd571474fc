import * as React from 'react';

import { dateText, plain } from '../formats';
import { checkedOf, type CellEnvironment, type ReproState } from '../../notebook/model';
import { sidesOf, type Change, type SectionName, type Sides, type View } from '../view';
import { behind, VERSION } from '../../protocol/version';
import type { IReproActions } from '../../notebook/tokens';
import type { Words } from '../words';
import { ActionBar } from './ActionBar';
import { Cells } from './Cells';
import { Findings } from './Findings';
import { Notice } from './Notice';
import { type AskPackages, PackagesContext, PackageTable } from './PackageTable';
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
  readonly actions: IReproActions;
  readonly onView: Change;
  /** Asks for the rows of the table of packages. */
  readonly packages?: AskPackages | undefined;
}

/** Everything that is said about one notebook. */
export function Panel(props: PanelProps) {
  const { name, state, words, actions } = props;
  const sides = React.useMemo(() => sidesOf(state), [state]);
  const packages = React.useMemo(() => ({ ask: props.packages, state }), [props.packages, state]);
  return (
    <div className="jp-Repro-Content" role="region" aria-label={words.panelLabel(plain(name, 120))}>
      {state.kind !== 'no-notebook' && <p className="jp-Repro-File">{plain(name, 120)}</p>}
      <VerdictLine state={state} sides={sides} words={words} />
      <Notice state={state} words={words} actions={actions} />
      <ActionBar state={state} words={words} actions={actions} />
      <Remarks state={state} words={words} />
      <PackagesContext.Provider value={packages}>
        <Sections {...props} sides={sides} />
      </PackagesContext.Provider>
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
  const inCells = { cells, words, onCell: (id: string) => actions.showCell(id) };
  const section = (name: SectionName, count: number | null, content: () => React.ReactNode) => (
    <Section
      title={words[name]}
      aside={count}
      open={view.sections[name]}
      onToggle={() => onView({ sections: { ...view.sections, [name]: !view.sections[name] } })}
    >
      {content}
    </Section>
  );
  return (
    <>
      {section('stack', null, () => (
        <>
          {!report && <p>{recorded ? words.recordedStack : words.liveStack}</p>}
          <Stack sides={sides} open={view.layers} words={words} onView={onView} />
        </>
      ))}
      {results.length > 0 &&
        section('results', results.length, () => <Results results={results} {...inCells} />)}
      {report &&
        section('differences', report.findings.length, () => (
          <Findings
            report={report}
            view={view}
            words={words}
            onView={onView}
            onCopy={text => actions.copy(text)}
          />
        ))}
      {seen.length > 0 &&
        section('run', seen.length, () => <RunFindings findings={seen} {...inCells} />)}
      {section('packages', null, () => (
        <PackageTable
          recorded={recorded}
          live={live}
          source="all"
          query={view.query}
          words={words}
          onQuery={query => onView({ query })}
        />
      ))}
      {recorded && section('cells', null, () => <Cells sides={sides} {...inCells} />)}
    </>
  );
}
