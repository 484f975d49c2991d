import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../integration/goshawk.ts';

const mostLines = 400;

it(`No file of the product has more than ${mostLines} lines: it would hold more than one idea`, () => {
  const long = ['src', 'device'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
      .map((path) => join(folder, path))
      .filter((path) => readFileSync(join(projectRoot, path), 'utf8').split('\n').length - 1 > mostLines),
  );
  expect(long).toEqual([]);
});
