import * as React from 'react';

import type { Finding, Report } from '../../protocol/_schema';
import { findingsMarkdown, plain } from '../formats';
import type { Change, View } from '../view';
import { SEVERITIES, type Severity, type Words } from '../words';
import { Button, CopyButton } from './Buttons';
import { Group, grouped } from './Group';
import { Sign, Unseen } from './Icons';
import { UsedTag } from './PackageTable';

interface FindingsProps {
  readonly report: Report;
  readonly view: View;
  readonly words: Words;
  readonly onView: Change;
  readonly onCopy: (text: string) => Promise<void>;
}

const STEP = 100;

/** Layers of which a notebook uses one part and not another. */
const WITH_PACKAGES: readonly string[] = ['frameworks', 'packages', 'conda'];

/** The differences, worst first: what, recorded → here, why it matters, what to do. */
export function Findings({ report, view, words, onView, onCopy }: FindingsProps) {
  if (report.findings.length === 0) {
    const { verdict } = report;
    return <p>{verdict === 'match' ? words.noDifferences : `${words.verdict(verdict)}.`}</p>;
  }
  const left = report.findings.filter(finding => view.severities.includes(finding.severity));
  const shown = left.slice(0, view.limit);
  const more = left.length - shown.length;
  const titleOf = ({ layer, severity }: Finding) =>
    view.groupBy === 'layer' ? plain(words.layer(layer), 80) : words.severity(severity);
  return (
    <>
      <div className="jp-Repro-Tools">
        <SeverityFilter report={report} view={view} words={words} onView={onView} />
        <label>
          {words.groupBy}
          <select
            className="jp-Repro-Input"
            value={view.groupBy}
            onChange={event =>
              onView({ groupBy: event.target.value === 'layer' ? 'layer' : 'severity' })
            }
          >
            <option value="severity">{words.bySeverity}</option>
            <option value="layer">{words.byLayer}</option>
          </select>
        </label>
        <CopyButton
          label={words.copyMarkdown}
          done={words.copied}
          onCopy={() => onCopy(findingsMarkdown({ ...report, findings: left }, words))}
        />
      </div>
      {shown.length === 0 && <p>{words.allFiltered}</p>}
      {grouped(shown, titleOf).map(([title, findings]) => (
        <Group key={title} title={title} className="jp-Repro-Findings">
          {findings.map((finding, place) => (
            <FindingItem key={place} finding={finding} words={words} />
          ))}
        </Group>
      ))}
      {more > 0 && (
        <Button label={words.showMore(more)} onClick={() => onView({ limit: view.limit + STEP })} />
      )}
    </>
  );
}

function SeverityFilter({ report, view, words, onView }: Omit<FindingsProps, 'onCopy'>) {
  const toggle = (severity: Severity) =>
    onView({
      severities: SEVERITIES.filter(
        other => (other === severity) !== view.severities.includes(other)
      )
    });
  return (
    <div className="jp-Repro-Filter" role="group" aria-label={words.showSeverity}>
      {SEVERITIES.map(severity => {
        const count = report.findings.filter(finding => finding.severity === severity).length;
        return count === 0 ? null : (
          <button
            key={severity}
            type="button"
            data-severity={severity}
            aria-pressed={view.severities.includes(severity)}
            onClick={() => toggle(severity)}
          >
            <Sign of={severity} />
            {words.severityCount(severity, count)}
          </button>
        );
      })}
    </div>
  );
}

function FindingItem({ finding, words }: { finding: Finding; words: Words }) {
  return (
    <Told {...finding} words={words}>
      <strong>{plain(finding.subject)}</strong>
      {finding.used && WITH_PACKAGES.includes(finding.layer) && <UsedTag words={words} />}
      <span className="jp-Repro-Aside">{plain(words.layer(finding.layer), 80)}</span>
      <Values {...finding} words={words} />
    </Told>
  );
}

interface ToldProps {
  readonly severity: Severity;
  readonly why: string;
  readonly action: string;
  readonly words: Words;
  readonly children: React.ReactNode;
}

/** One item of a list: how grave, what, why it matters, what to do. */
export function Told({ severity, why, action, words, children }: ToldProps) {
  return (
    <li className="jp-Repro-Finding" data-severity={severity}>
      <p className="jp-Repro-FindingHead">
        <Sign of={severity} />
        <Unseen>{words.severity(severity)}: </Unseen>
        {children}
      </p>
      <p>{plain(why, 1000)}</p>
      <p>
        <strong>{words.whatToDo}</strong> {plain(action, 1000)}
      </p>
    </li>
  );
}

interface ValuesProps {
  readonly reference: string | null;
  readonly current: string | null;
  readonly words: Words;
}

/** Recorded → here. */
export function Values({ reference, current, words }: ValuesProps) {
  return (
    <span className="jp-Repro-Change">
      <Side name={words.from} value={reference} words={words} />
      <span aria-hidden> → </span>
      <Side name={words.to} value={current} words={words} />
    </span>
  );
}

function Side({ name, value, words }: { name: string; value: string | null; words: Words }) {
  return (
    <>
      <Unseen>{name}: </Unseen>
      {value === null ? <em>{words.absent}</em> : <code>{plain(value)}</code>}
    </>
  );
}
