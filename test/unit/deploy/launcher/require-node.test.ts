import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../../deploy/launcher');
const { complaintAbout } = createRequire(import.meta.url)(join(folder, 'require-node.cjs')) as {
  complaintAbout(version: string): string | undefined;
};

describe('The first lines of every start', () => {
  it.each(['v0.10.48', 'v8.17.0', 'v12.22.9', 'v18.19.1', 'v20.18.3', 'v21.7.3', 'v22.11.0', 'nonsense'])(
    'say to %s what is needed and how to get it',
    (version) => {
      expect(complaintAbout(version)).toMatch(
        /needs Node 20\.19, 22\.12 or newer; this is .*\n.*apt install/,
      );
    },
  );

  it.each(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v24.21.0', 'v26.0.0'])('let %s go on', (version) => {
    expect(complaintAbout(version)).toBeUndefined();
  });

  it('can be read by a Node that knows no newer JavaScript than that of 2009', () => {
    // modules.cjs is read after the check.
    const files = readdirSync(folder).filter((name) => name !== 'modules.cjs');
    expect(files).toContain('goshawk.cjs');
    for (const name of files) {
      const code = readFileSync(join(folder, name), 'utf8').replace(/^\s*(\/\/|\/\*|\*).*$/gm, '');
      expect(code, name).not.toMatch(/=>|`|\b(const|let|class|async|await|import)\b|\?\.|\?\?|\.\.\.|node:/);
    }
  });
});
