import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './goshawk.ts';

/** A process with the guard whose main thread does what `then` says. */
async function guarded(
  then: string,
  afterMs: number,
): Promise<{ code: number | null; signal: string | null }> {
  const script = `import { guardExit } from './src/runtime/device/exit-guard.ts'; guardExit(${afterMs}); ${then}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: projectRoot,
    stdio: 'ignore',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal };
}

describe('A process that must end', () => {
  it('is killed where it hangs', async () => {
    expect(await guarded('for (;;);', 500)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('says by its own exit status why, where it can end', async () => {
    expect(await guarded('process.exit(75)', 60_000)).toEqual({ code: 75, signal: null });
  });
});
