import type { RunFinding } from '../_schema';
import { plain } from '../formats';
import { Fragment, h } from '../jsx';
import type { CellEnvironment } from '../model';
import type { Words } from '../words';
import { SeveritySign } from './Icons';

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
        <li key={place} className="jp-Repro-Finding" data-severity={finding.severity}>
          <p className="jp-Repro-FindingHead">
            <SeveritySign severity={finding.severity} />
            <span className="jp-Repro-Unseen">{words.severity(finding.severity)}: </span>
            <Place finding={finding} cells={cells} words={words} onCell={onCell} />
          </p>
          <p>{plain(finding.what, 1000)}</p>
          <p>
            <strong>{words.whatToDo()}</strong> {plain(finding.advice, 1000)}
          </p>
        </li>
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
      {cell && (
        <button type="button" className="jp-Repro-Link" onClick={() => onCell(cell.id)}>
          {words.cellNumber(cell.index + 1)}
        </button>
      )}
      <span>{where || (cell ? '' : words.wholeRun())}</span>
    </>
  );
}
