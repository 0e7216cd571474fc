import * as React from 'react';

import type { Report } from '../../protocol/_schema';
import { layerOf, plain, sideBySide, sideLayers, STACK_LAYERS, textOf } from '../formats';
import { packageCount } from '../packages';
import type { Facts } from '../../notebook/model';
import type { Change, Sides } from '../view';
import type { Verdict, Words } from '../words';
import { Caret, Sign } from './Icons';
import { LayerDetail } from './LayerDetail';
import { Toggle } from './Section';

interface StackProps {
  readonly sides: Sides;
  /** Names of the layers whose details are open. */
  readonly open: readonly string[];
  readonly words: Words;
  readonly onView: Change;
}

const LEADING = 3;

/** The layers like the software that stands on them, and beside them what steers the numbers. */
export function Stack({ sides, open, words, onView }: StackProps) {
  const toggle = (name: string) =>
    onView({
      layers: open.includes(name) ? open.filter(other => other !== name) : [...open, name]
    });
  const block = (name: string) => (
    <LayerBlock
      key={name}
      name={name}
      sides={sides}
      open={open.includes(name)}
      words={words}
      onToggle={() => toggle(name)}
    />
  );
  const beside = sideLayers(sides.recorded, sides.live);
  return (
    <div
      className={`jp-Repro-Picture${beside.some(n => open.includes(n)) ? ' jp-mod-beside' : ''}`}
    >
      <div className="jp-Repro-Stack" role="group" aria-label={words.stackLabel}>
        {STACK_LAYERS.map(block)}
      </div>
      <div className="jp-Repro-Beside" role="group" aria-label={words.besideLabel}>
        {beside.map(block)}
      </div>
    </div>
  );
}

interface LayerBlockProps {
  readonly name: string;
  readonly sides: Sides;
  readonly open: boolean;
  readonly words: Words;
  readonly onToggle: () => void;
}

function LayerBlock({ name, sides, open, words, onToggle }: LayerBlockProps) {
  const id = React.useId();
  const verdict = verdictOf(sides, name);
  const isAbsent = verdict === 'not present';
  const facts = isAbsent
    ? plain(ownLayer(sides.report, name)?.reason ?? '')
    : factsOf(sides, name, words);
  const instead = isAbsent || verdict === 'match' ? null : liveInstead(sides, name, facts, words);
  return (
    <div className="jp-Repro-Layer" data-verdict={verdict ?? 'none'}>
      <h4>
        <Toggle controls={id} open={open} onClick={onToggle}>
          <span className="jp-Repro-LayerHead">
            <Caret />
            <span className="jp-Repro-LayerName">{plain(words.layer(name), 80)}</span>{' '}
            {verdict && (
              <span className="jp-Repro-LayerVerdict">
                <Sign of={verdict} />
                <span>{words.verdict(verdict)}</span>
              </span>
            )}
          </span>{' '}
          {facts !== '' && <span className="jp-Repro-Facts">{facts}</span>}{' '}
          {instead !== null && <span className="jp-Repro-Facts jp-mod-here">{instead}</span>}
        </Toggle>
      </h4>
      {open && (
        <div id={id} className="jp-Repro-LayerBody">
          <Reason report={sides.report} name={name} />
          <LayerDetail name={name} recorded={sides.recorded} live={sides.live} words={words} />
        </div>
      )}
    </div>
  );
}

/** Why a layer could not be compared, or what could not be read in it. */
function Reason({ report, name }: { report: Report | null; name: string }) {
  const reason = ownLayer(report, name)?.reason;
  return reason ? <p>{plain(reason)}</p> : null;
}

function ownLayer(report: Report | null, name: string) {
  return report && Object.hasOwn(report.layers, name) ? report.layers[name] : undefined;
}

/** Null where there is nothing to compare with: then a block says nothing of itself. */
function verdictOf(sides: Sides, name: string): Verdict | null {
  const layer = ownLayer(sides.report, name);
  const verdict = layer?.absent ? 'not present' : layer?.verdict;
  return sides.recorded ? (verdict ?? 'not checked') : null;
}

/** The leading facts of what was recorded, or of the kernel where nothing was. */
function factsOf({ recorded, live, recordedFacts, liveFacts }: Sides, name: string, words: Words) {
  const layer = layerOf(recorded ?? live, name);
  const reason = textOf(layer, 'reason');
  switch (layer?.status) {
    case 'unavailable':
      return reason ? words.unavailableBecause(reason) : words.unavailable;
    case 'error':
      return words.failed(reason ?? '?');
  }
  const phrased = factLine(recorded ? recordedFacts : liveFacts, name);
  if (phrased !== '') {
    return phrased;
  }
  const rows = sideBySide(layer, null, words).slice(0, LEADING);
  const packages = packageCount(layer);
  return [
    ...(packages > 0 ? [words.packageCount(packages, packages)] : []),
    ...rows.map(row => `${row.key} ${plain(row.recorded ?? '', 24)}`)
  ].join(' · ');
}

function liveInstead(sides: Sides, name: string, facts: string, words: Words): string | null {
  if (!sides.recorded || !sides.live) {
    return null;
  }
  const live = factsOf({ ...sides, recorded: null }, name, words);
  return live !== '' && live !== facts ? words.hereInstead(live) : null;
}

function factLine(facts: Facts | null, name: string): string {
  const own = facts && Object.hasOwn(facts, name) ? facts[name] : undefined;
  return (own ?? [])
    .slice(0, LEADING)
    .map(fact => plain(fact, 120))
    .join(' · ');
}
