import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withoutCheck } from './check.ts';
import { allChecks } from './checks.ts';

describe('Checks that `npm run check -- taken-out` takes out', () => {
  it.each(allChecks.map(({ check }) => [check.name, check] as const))(
    '%s: is in the code',
    (_name, check) => {
      const code = readFileSync(check.file, 'utf8');
      expect(withoutCheck(check, code)).not.toBe(code);
    },
  );

  it('have a name each, and a row in docs/evidence/attacks.md', () => {
    const names = allChecks.map(({ check }) => check.name);
    const rows = readFileSync('docs/evidence/attacks.md', 'utf8').matchAll(/^\| (.+?) \| /gm);
    const listed = [...rows].map(([, name]) => name);
    expect(listed.sort()).toEqual(['check', ...names].sort());
  });
});
