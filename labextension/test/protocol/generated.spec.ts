import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { generated } from '../../scripts/schema.mjs';
import { VERSION } from '../../src/protocol/version';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
}

describe('generated files', () => {
  it('are what `jlpm schema` writes', async () => {
    for (const [name, text] of Object.entries(await generated())) {
      expect(read(`src/protocol/${name}`)).toBe(text);
    }
  });
});

describe('the version', () => {
  it('is that of both packages', () => {
    const python = /__version__ = "(.*)"/.exec(read('../jupyter_repro/_version.py'))?.[1];
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect([version, python]).toEqual([VERSION, VERSION]);
  });
});
