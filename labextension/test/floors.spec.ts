/** The folders of src stand on each other: a file imports from its own folder and those below. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '..', 'src');
// From the ground up
const FLOORS = ['protocol', 'notebook', 'panel', 'plugin', 'index.ts'];

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(file =>
  /\.tsx?$/.test(file)
);

function floorOf(path: string): number {
  const floor = FLOORS.indexOf(path.split(sep)[0] ?? '');
  expect(floor, `${path} has no floor yet: add its folder to FLOORS`).toBeGreaterThanOrEqual(0);
  return floor;
}

/** Files of ours that a file imports, without their endings. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(SOURCES, file), 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)));
}

describe('imports', () => {
  it.each(files)('of %s go downwards', file => {
    const floor = floorOf(file);
    expect(importsOf(file).filter(path => floorOf(path) > floor)).toEqual([]);
  });

  it('are found', () => {
    expect(importsOf('index.ts')).toContain(join('plugin', 'actions'));
  });
});
