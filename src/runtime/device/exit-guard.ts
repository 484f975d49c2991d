import { spawn } from 'node:child_process';

/**
 * A process whose engine hangs in native code can't end by itself: Node waits for its threads. This one is killed from
 * outside after `afterMs`, if it still lives.
 */
export function guardExit(afterMs: number, pid = process.pid): void {
  // The number of a process that has ended may be given to another one: only the parent is killed.
  const script = `setTimeout(() => { if (process.ppid === ${pid}) process.kill(${pid}, 'SIGKILL'); }, ${afterMs})`;
  spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' }).unref();
}
