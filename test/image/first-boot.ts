import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { perceives, until } from './guest.ts';
import { Machine } from './machine.ts';
import { work } from './places.ts';
import type { ImageFiles } from './prepare.ts';
import type { Steps } from './steps.ts';

/** A card with the image on it. */
export function cardWith(image: string, name: string, gigabytes = 6): string {
  const card = join(work, `${name}.disk`);
  rmSync(card, { force: true });
  for (const [program, ...args] of [
    ['cp', '--sparse=always', image, card],
    ['truncate', `--size=${gigabytes}G`, card],
  ] as const) {
    if (spawnSync(program, args).status !== 0) throw new Error(`${program} ${args.join(' ')}`);
  }
  return card;
}

/** First boot, second boot: what a person sees who puts a card into a board. */
export async function firstBootSteps(steps: Steps, { image }: ImageFiles): Promise<void> {
  const disk = cardWith(image, 'first');
  const began = performance.now();
  const sinceStart = () => Math.round((performance.now() - began) / 100) / 10;
  const machine = new Machine({ folder: join(work, 'first'), disk });
  try {
    await steps.step('first boot: it comes up and perceives', async () => {
      await machine.must('true', 120_000);
      const userSpace = sinceStart();
      await perceives(machine);
      return { userSpace, perceiving: sinceStart() };
    });
    await steps.step(
      'first boot: the data partition is over the rest of the card, the root is read-only',
      async () => {
        const size = Number(await machine.must('df -B1 --output=size /var | tail -1'));
        if (size < 2 ** 31) throw new Error(`/var has ${size} bytes`);
        const written = await machine.sh('touch /usr/x');
        if (written.status === 0) throw new Error('the root file system can be written to');
        return { dataMegabytes: Math.round(size / 1e6) };
      },
    );
    await steps.step('the boot is confirmed', async () => {
      await until(
        'slot A is good',
        60_000,
        async () => (await machine.must('systemctl is-active goshawk-confirm')) === 'active',
      );
      return { slots: (await machine.must('cat /proc/cmdline')).includes('rauc.slot=A') };
    });
  } finally {
    await machine.cut();
  }
}
