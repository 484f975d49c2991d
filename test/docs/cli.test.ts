import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { cliReference } from '../../src/cli/reference.ts';
import { projectRoot } from '../architecture/project.ts';

describe('docs/cli.md', () => {
  it('is what the command line says; `node --import tsx src/cli/reference.ts > docs/cli.md` writes it again', () => {
    expect(readFileSync(join(projectRoot, 'docs/cli.md'), 'utf8')).toBe(cliReference(createProgram()));
  });
});
