import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../integration/goshawk.ts';

/** Files and packages that are there before the first line of `main.ts` runs: what is imported when it is called is not. */
function loadedWith(entry: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (!path.endsWith('.ts')) continue;
    const text = readFileSync(join(projectRoot, path), 'utf8');
    for (const [, clause = '', target = ''] of text.matchAll(
      /^(?:import|export)\s([^;'"]*?)from\s+'([^']+)';/gms,
    )) {
      const types = clause.startsWith('type ') || /^\{(?:\s*type [^,}]+,?)+\s*\}\s*$/.test(clause);
      if (!types) open.push(target.startsWith('.') ? join(dirname(path), target) : target);
    }
  }
  return seen;
}

describe('The command line before a command runs', () => {
  const loaded = [...loadedWith('src/cli/start.ts')];

  it('has loaded its commands', () => {
    expect(loaded).toContain('src/cli/commands/run.ts');
    expect(loaded).toContain('src/runtime/index.ts');
  });

  // ONNX Runtime reads its environment when it loads, and main.ts sets it after its own imports.
  it('has loaded no engine, no broker, no database and no image library', () => {
    expect(loaded.filter((path) => path.startsWith('src/adapters/'))).toEqual([]);
    const ours = /^(src\/|node:|commander$|cborg$|croner$|semver$|@sinclair\/typebox(\/|$))/;
    expect(loaded.filter((path) => !ours.test(path))).toEqual([]);
  });
});
