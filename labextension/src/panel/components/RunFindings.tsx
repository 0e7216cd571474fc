import * as React from 'react';

import type { RunFinding } from '../../protocol/_schema';
import { plain } from '../formats';
import type { CellEnvironment } from '../../notebook/model';
import type { Words } from '../words';
import { CellLink } from './Buttons';
import { Told } from './Findings';

interface RunFindingsProps {
  readonly findings: readonly RunFinding[];
  readonly cells: readonly CellEnvironment[];
  readonly words: Words;
  readonly onCell: (id: string) => void;
}

/** What was seen while the cells ran that bears on whether they repeat, worst first. */
export function RunFindings({ findings, cells, words, onCell }: RunFindingsProps) {
  return (
    <ul className="jp-Repro-Findings">
      {findings.map((finding, place) => (
        <Told key={place} {...finding} why={finding.what} action={finding.advice} words={words}>
          <Place finding={finding} cells={cells} words={words} onCell={onCell} />
        </Told>
      ))}
    </ul>
  );
}

interface PlaceProps extends Omit<RunFindingsProps, 'findings'> {
  readonly finding: RunFinding;
}

function Place({ finding, cells, words, onCell }: PlaceProps) {
  const { file, line } = finding;
  const cell = cells.find(({ id }) => id === finding.cell);
  const where = [file && plain(file), line && words.line(line)].filter(Boolean).join(', ');
  return (
    <>
      <CellLink cell={cell} words={words} onCell={onCell} />
      <span>{where || (cell ? '' : words.wholeRun)}</span>
    </>
  );
}
