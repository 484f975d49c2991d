import { readdirSync, readFileSync } from 'node:fs';

interface Times {
  /** Milliseconds that a thread ran since it began, and that it was ready to run and had no processor. */
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** Nothing where the system does not tell. */
function timesOf(file: string): Times {
  try {
    const [ran = 0, waited = 0] = readFileSync(file, 'utf8').split(' ').map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return { ranMs: 0, waitedMs: 0 };
  }
}

/** Of a process the thread that does the work of its event loop. */
export const eventLoopOf = (pid: number): string => `/proc/${pid}/schedstat`;

/** Every thread of a process. */
export function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  } catch {
    return [];
  }
}

/**
 * What threads did with their time. The time for which they waited for a processor is what a machine of their own would have
 * spared them.
 */
export class RunQueue {
  readonly #threads: readonly string[];

  constructor(threads: readonly string[]) {
    this.#threads = threads;
  }

  now(): readonly Times[] {
    return this.#threads.map(timesOf);
  }

  since(before: readonly Times[]): readonly Times[] {
    return this.now().map(({ ranMs, waitedMs }, index) => ({
      ranMs: ranMs - (before[index]?.ranMs ?? 0),
      waitedMs: waitedMs - (before[index]?.waitedMs ?? 0),
    }));
  }
}

/** Of an answer: what its server ran meanwhile, and what neither it nor who asked can put down to the processors. */
export function ownTimeOfAnswer(wallMs: number, [server, asker]: readonly Times[]): number {
  const ranMs = server?.ranMs ?? 0;
  const waitedMs = (server?.waitedMs ?? 0) + (asker?.waitedMs ?? 0);
  return ranMs + Math.max(0, wallMs - ranMs - waitedMs);
}

/** Of something that many have a part in, partly at the same time: less what the one waited that waited longest. */
export function ownTimeOfWay(wallMs: number, times: readonly Times[]): number {
  return wallMs - Math.max(0, ...times.map(({ waitedMs }) => waitedMs));
}
