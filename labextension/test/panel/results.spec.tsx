import { describe, expect, it } from 'vitest';

import type { ResultCheck } from '../../src/protocol/_schema';
import { button, click, hasButton, mountPanel } from '../support/mount';
import { checked, result } from '../support/drawing';

const CELLS = [{ id: 'c1', index: 4, label: 'x', env: null }];

function mountResults(...results: ResultCheck[]) {
  const { box, actions } = mountPanel(checked({ results }), { cells: CELLS });
  return { box, actions, items: [...box.querySelectorAll('[data-outcome]')] };
}

function numbersIn(svg: Element): number[] {
  const nodes = [svg, ...svg.querySelectorAll('*')];
  return nodes
    .flatMap(node => ['y', 'height', 'cx', 'cy', 'points'].map(name => node.getAttribute(name)))
    .flatMap(text => (text === null ? [] : text.split(/[ ,]/).map(Number)));
}

describe('the results', () => {
  it('say outcome, name, tolerance, both values and why, in the order in which they came', () => {
    const { box, items } = mountResults(
      result(),
      result({ name: 'accuracy', outcome: 'identical', current: '0.5', why: '' })
    );
    expect(button(box, 'Results').textContent).toContain('2');
    expect(items[0]?.textContent).toContain('different:loss');
    expect(items[0]?.textContent).toContain('rtol=0.001');
    expect(items[0]?.textContent).toContain('recorded: 0.5 → here: 0.51');
    expect(items[0]?.textContent).toContain('loss is 0.51, not 0.5.');
    expect(items[1]?.textContent).toContain('identical:accuracy');
  });

  it('have a word and a sign of its own for each outcome', () => {
    const outcomes = [
      'different',
      'not comparable',
      'not run',
      'within tolerance',
      'identical'
    ] as const;
    const { items } = mountResults(...outcomes.map(outcome => result({ name: outcome, outcome })));
    const signs = items.map(item => item.querySelector('.jp-Repro-Sign')?.innerHTML);
    expect(new Set(signs).size).toBe(outcomes.length);
    outcomes.forEach((outcome, place) =>
      expect(items[place]?.querySelector('p')?.textContent).toContain(`${outcome}:${outcome}`)
    );
  });

  it('lead to their cells, where these are still there', async () => {
    const { box, actions } = mountResults(result());
    await click(button(box, 'Cell 5'));
    expect(actions.showCell).toHaveBeenCalledWith('c1');
    expect(hasButton(mountResults(result({ cell: 'gone' })).box, 'Cell 5')).toBe(false);
  });

  it('are folded away, and take no room where there are none', async () => {
    const { box } = mountResults(result());
    await click(button(box, 'Results'));
    expect(box.querySelector('[data-outcome]')).toBeNull();
    expect(hasButton(mountResults().box, 'Results')).toBe(false);
  });

  it('stay in sight while a cell runs', () => {
    const last = checked({ results: [result()] });
    const { box } = mountPanel({ kind: 'busy', document: null, last });
    expect(box.querySelectorAll('[data-outcome]')).toHaveLength(1);
  });
});

describe('the chart of a result', () => {
  it('shows each value over the band, and says both in words', () => {
    const { box } = mountResults(result({ values: [0.5, 0.5002, 0.51] }));
    const chart = box.querySelector('.jp-Repro-Chart');
    expect(chart?.getAttribute('aria-label')).toBe(
      'Values, the oldest first: 0.5, 0.5002, 0.51. Within tolerance from 0.4995 to 0.5005.'
    );
    const dots = [...(chart?.querySelectorAll('circle') ?? [])];
    const heights = dots.map(dot => Number(dot.getAttribute('cy')));
    expect(heights[0]).toBeGreaterThan(heights[1] ?? NaN);
    expect(heights[1]).toBeGreaterThan(heights[2] ?? NaN);
    const band = chart?.querySelector('rect');
    const top = Number(band?.getAttribute('y'));
    const bottom = top + Number(band?.getAttribute('height'));
    expect(heights.map(y => y >= top && y <= bottom)).toEqual([true, true, false]);
  });

  it.each([
    [undefined, undefined],
    [[], []],
    [[0.5], [0.4, 0.6]],
    [
      [0.5, Infinity, NaN],
      [0.4, 0.6]
    ]
  ])('is not drawn of fewer than two numbers: %j', (values, band) => {
    const given = { ...result(), values, band } as ResultCheck;
    expect(mountResults(given).box.querySelector('.jp-Repro-Chart')).toBeNull();
  });

  it.each([
    [[0, 0], []],
    [[1, 2], [1]],
    [
      [1, 2],
      [-Infinity, Infinity]
    ],
    [
      [1e308, -1e308],
      [-1.7e308, 1.7e308]
    ],
    [
      [5e-324, 0],
      [0, 5e-324]
    ],
    [
      [1, 1],
      [1, 1]
    ],
    [
      [1, 2],
      [2, 1]
    ]
  ])('stays inside its frame, whatever the numbers: %j %j', (values, band) => {
    const chart = mountResults(result({ values, band })).box.querySelector('.jp-Repro-Chart');
    const numbers = chart ? numbersIn(chart) : [];
    expect(numbers.length).toBeGreaterThan(4);
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThanOrEqual(180);
    }
  });
});
