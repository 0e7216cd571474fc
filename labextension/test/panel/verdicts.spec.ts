/** Words and tones of verdicts, outcomes and severities are Python's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import shown from '../../../jupyter_repro/model/schema/shown.json';
import type { Outcome, Severity, Verdict } from '../../src/panel/words';
import { WORDS } from '../support/drawing';

const CSS = readFileSync(join(import.meta.dirname, '../../style/base.css'), 'utf8');
/** Tone → the variable of JupyterLab's that has its colour. */
const COLOURS: Record<string, string> = {
  good: '--jp-success-color1',
  near: '--jp-warn-color1',
  bad: '--jp-error-color1',
  note: '--jp-info-color1',
  unknown: '--jp-ui-font-color2'
};

/** The colour of a rule that names a state, else of the rule for all of them. */
function colourOf(attribute: string, name: string): string | undefined {
  const rules = CSS.split('}').filter(rule => rule.includes('--jp-repro-tone:'));
  const rule =
    rules.find(one => one.includes(`[${attribute}='${name}']`)) ??
    rules.find(one => one.includes(`[${attribute}]`));
  return /--jp-repro-tone: var\((--[\w-]+)/.exec(rule ?? '')?.[1];
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

describe('a verdict', () => {
  it.each(Object.entries(shown.verdicts))(
    '%s has the word and the tone of Python',
    (name, look) => {
      expect(WORDS.verdict(name as Verdict)).toBe(capitalised(look.word));
      expect(colourOf('data-verdict', name)).toBe(COLOURS[look.tone]);
    }
  );
});

describe('a severity', () => {
  it.each(Object.entries(shown.severities))(
    '%s has the word and the tone of Python',
    (name, look) => {
      const severity = name as Severity;
      expect(WORDS.severity(severity)).toBe(capitalised(look.word));
      expect(WORDS.severityCount(severity, 2)).toBe(`2 ${look.word}s`);
      expect(colourOf('data-severity', name)).toBe(COLOURS[look.tone]);
    }
  );
});

describe('an outcome', () => {
  const ofCells = ['left out', 'no output'];
  const outcomes = Object.entries(shown.outcomes).filter(([name]) => !ofCells.includes(name));
  it.each(outcomes)('%s has the word and the tone of Python', (name, look) => {
    expect(WORDS.outcome(name as Outcome)).toBe(look.word);
    expect(colourOf('data-outcome', name)).toBe(COLOURS[look.tone]);
  });
});
