import { cpus } from 'node:os';

interface Times {
  readonly busyMs: number;
  readonly totalMs: number;
  readonly ownMs: number;
}

/** How much of the machine's cores other programs have. */
export class HostLoad {
  #before = read();

  /** Share of all cores, 0..1, since the last call; undefined where too little time passed to tell. */
  takeOthersShare(): number | undefined {
    const now = read();
    const before = this.#before;
    const totalMs = now.totalMs - before.totalMs;
    // The kernel counts in ticks of 10 ms.
    if (totalMs < 500) return undefined;
    this.#before = now;
    const others = now.busyMs - before.busyMs - (now.ownMs - before.ownMs);
    return Math.min(1, Math.max(0, others / totalMs));
  }
}

function read(): Times {
  let busyMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  const { user, system } = process.cpuUsage();
  return { busyMs, totalMs: busyMs + idleMs, ownMs: (user + system) / 1000 };
}
