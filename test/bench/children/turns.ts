import { closeSync, openSync, readSync } from 'node:fs';

export interface TurnTimes {
  /** What this thread computed between two turns of a 1 ms timer. */
  readonly cpuP99Ms: number;
  readonly cpuMaxMs: number;
  /** What it waited for a processor meanwhile, though it had work: the other work of the machine. */
  readonly waitP99Ms: number;
}

/**
 * Why the turns of the event loop are late: because of what this thread computes, or because it does not get a processor.
 * From Linux's own books (`schedstat`); undefined where the kernel keeps none. Costs 2 % of the thread.
 */
export function watchTurns(): (() => TurnTimes) | undefined {
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return undefined;
  }
  const bytes = Buffer.alloc(100);
  const read = (): readonly [number, number] => {
    const [cpu = 0, wait = 0] = bytes
      .toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0))
      .split(' ')
      .map(Number);
    return [cpu / 1e6, wait / 1e6];
  };
  const cpu: number[] = [];
  const wait: number[] = [];
  let before = read();
  const timer = setInterval(() => {
    const now = read();
    cpu.push(now[0] - before[0]);
    wait.push(now[1] - before[1]);
    before = now;
  }, 1);
  return () => {
    clearInterval(timer);
    closeSync(file);
    const at = (values: number[], q: number) =>
      values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN;
    return { cpuP99Ms: at(cpu, 0.99), cpuMaxMs: at(cpu, 1), waitP99Ms: at(wait, 0.99) };
  };
}
