import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from './machine.ts';

/* What the tests want to know of a board that runs. */

const metrics = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/9464 && printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3 && cat <&3'`;

/** How many frames the agent has processed. */
export async function frames(machine: Machine): Promise<number> {
  const { text } = await machine.sh(metrics);
  return [...text.matchAll(/^goshawk_frames_processed_total\S* (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

export async function until<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined | false>,
  pauseMs = 200,
): Promise<T> {
  const end = Date.now() + limitMs;
  let problem = '';
  while (Date.now() < end) {
    try {
      const value = await look();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    await sleep(pauseMs);
  }
  throw new Error(`${what}: not within ${limitMs / 1000} s. ${problem}`);
}

export async function perceives(machine: Machine, limitMs = 180_000, pauseMs = 200): Promise<void> {
  await until('the agent perceives', limitMs, async () => (await frames(machine)) > 5, pauseMs);
}
