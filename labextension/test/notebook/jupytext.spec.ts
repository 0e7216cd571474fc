import { describe, expect, it } from 'vitest';

import { jupytextNotes } from '../../src/notebook/jupytext';

describe('a notebook that jupytext pairs with a text file', () => {
  const formats = 'ipynb,py:percent';

  it.each([
    { formats },
    { formats, cell_metadata_filter: 'tags' },
    { formats, cell_metadata_filter: 3 },
    { formats, cell_metadata_filter: '-jupyter_reprovision' }
  ])('is told of the filter: %j', metadata => {
    expect(jupytextNotes(metadata)).toEqual([expect.stringContaining('"-jupyter_repro"')]);
  });

  it.each([
    undefined,
    null,
    'formats',
    {},
    { text_representation: {} },
    { formats, cell_metadata_filter: '-jupyter_repro' },
    { formats, cell_metadata_filter: 'tags, -jupyter_repro' },
    { formats, cell_metadata_filter: 'tags,-all' }
  ])('is told nothing: %j', metadata => {
    expect(jupytextNotes(metadata)).toEqual([]);
  });
});
