/** The Chinese catalogue that the wheel ships: JupyterLab finds it by an entry point. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Gettext } from '@jupyterlab/translation';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import catalogue from '../../jupyter_repro/locale/zh_CN/LC_MESSAGES/jupyter_repro.json';
import { createWords } from '../src/panel/words';

const SOURCES = join(import.meta.dirname, '..', 'src');
const { '': header, ...translations } = catalogue;
const known = new Map<string, string[]>(Object.entries(translations));

const FORMS = new Map([
  ['__', 1],
  ['_n', 2]
]);

/** Literal arguments of every `trans.__` and `trans._n`: one or two forms of a sentence. */
function sentences(): string[][] {
  return sources().flatMap(([name, text]) => sentencesOf(name, text));
}

/** Name and text of each file. */
function sources(): [string, string][] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .map(name => [name, readFileSync(join(SOURCES, name), 'utf8')]);
}

function sentencesOf(name: string, text: string): string[][] {
  const found: string[][] = [];
  collect(ts.createSourceFile(name, text, ts.ScriptTarget.Latest), found);
  return found;
}

function collect(node: ts.Node, found: string[][]): void {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const forms = FORMS.get(node.expression.name.text);
    if (forms !== undefined) {
      const texts = node.arguments.slice(0, forms).filter(ts.isStringLiteralLike);
      expect(texts, 'a sentence that no extractor finds').toHaveLength(forms);
      found.push(texts.map(literal => literal.text));
    }
  }
  ts.forEachChild(node, child => collect(child, found));
}

function places(text: string): string[] {
  return [...new Set(text.match(/%\d/g) ?? [])].sort();
}

describe('the Chinese catalogue', () => {
  const all = sentences();

  it('has them all from one file', () => {
    const elsewhere = sources()
      .filter(([name]) => name !== join('panel', 'words.ts'))
      .flatMap(([name, text]) => sentencesOf(name, text));
    expect(elsewhere).toEqual([]);
  });

  it('has every sentence and no other', () => {
    const wanted = all.map(([first = '']) => first);
    expect(wanted.filter(text => !known.has(text))).toEqual([]);
    expect([...known.keys()].filter(text => !wanted.includes(text))).toEqual([]);
  });

  it('keeps the places of the values, and two forms where there is a plural', () => {
    for (const forms of all) {
      const translated = known.get(forms[0] ?? '') ?? [];
      expect(translated, forms[0]).toHaveLength(forms.length);
      for (const text of translated) {
        expect(places(text), text).toEqual(places(forms.join(' ')));
      }
    }
  });

  it("is read by JupyterLab's own reader", () => {
    const bundle = new Gettext({ domain: 'jupyter_repro', locale: 'zh_CN' });
    const json = { ...catalogue, '': { ...header, pluralForms: header.plural_forms } };
    bundle.loadJSON(json, 'jupyter_repro');
    const words = createWords(bundle);
    expect(words.verdict('mismatch')).toBe('不一致');
    expect(words.severityCount('error', 3)).toBe('3 个错误');
    expect(words.packageCount(2, 9)).toBe('9 个软件包中的 2 个');
    expect(words.acceptLoss('昨天', '4 处差异')).toContain('于 昨天 记录的环境');
  });

  it("leaves the English of JupyterLab's own reader whole", () => {
    const words = createWords(new Gettext({ domain: 'jupyter_repro', locale: 'en' }));
    expect(words.severityCount('error', 1)).toBe('1 error');
    expect(words.packageCount(2, 9)).toBe('2 of 9 packages');
    expect(words.cellNumbers('1–3', 3)).toBe('Cells 1–3');
    expect(words.acceptLoss('today', '1 difference')).toContain('recorded on today');
  });
});
