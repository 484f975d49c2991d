import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { labels, layoutOf } from '../../src/image/index.ts';
import { readSlots, writeSlots } from './cards.ts';
import { until } from './guest.ts';
import { Machine } from './machine.ts';
import { work } from './places.ts';
import { must } from './ram-disk.ts';
import type { Found, Steps } from './steps.ts';

/*
 * The boot loader alone: real firmware, real GRUB, the card of the image; each machine is cut off as soon as the loader has said
 * which slot it starts. That takes seconds also in software.
 */

const card = join(work, 'loader.disk');

/** Starts the machine, and gives what the loader said up to the slot that came last before a kernel took over. */
export async function startLoader(disk: string, emulate: boolean, wanted: RegExp): Promise<string> {
  const machine = new Machine({ folder: join(work, 'loader'), disk, emulate });
  try {
    return await until(
      `the loader says ${wanted}`,
      240_000,
      async () => wanted.test(machine.console) && machine.console,
    );
  } finally {
    await machine.cut();
  }
}

export const started = (said: string) =>
  [...said.matchAll(/goshawk: starting slot ([AB])/g)].map(([, slot = '']) => slot).join('');

export async function loaderSteps(steps: Steps, image: string, emulate: boolean): Promise<void> {
  rmSync(card, { force: true });
  must(`cp --sparse=always ${image} ${card} && truncate --size=4G ${card}`);
  const slot = (label: string) =>
    (layoutOf(1536 * 2 ** 20).partitions.find((partition) => partition.label === label)?.startByte ?? 0) /
    2 ** 20;

  await steps.step('loader: a new image starts slot A, and counts the try', async (): Promise<Found> => {
    await startLoader(card, emulate, /starting slot A/);
    const after = readSlots(card);
    if (after.A_LEFT !== '2') throw new Error(JSON.stringify(after));
    return after;
  });
  await steps.step(
    'loader: a trial that starts nothing: three tries, then the old slot, in one start',
    async (): Promise<Found> => {
      // Slot B holds zeros.
      writeSlots(card, { ORDER: 'B A', B_OK: '1', B_LEFT: '3', TRIAL: 'B' });
      const said = await startLoader(card, emulate, /starting slot A/);
      if (started(said) !== 'BBBA') throw new Error(started(said));
      const after = readSlots(card);
      if (after.B_LEFT !== '0' || after.TRIAL !== 'B') throw new Error(JSON.stringify(after));
      return after;
    },
  );
  await steps.step(
    'loader: a trial that hangs: one try for each start, then the old slot',
    async (): Promise<Found> => {
      must(
        `dd if=${card} of=${card} bs=1M skip=${slot(labels.rootA)} seek=${slot(labels.rootB)} count=700 conv=notrunc status=none`,
      );
      writeSlots(card, { ORDER: 'B A', B_OK: '1', B_LEFT: '2', TRIAL: 'B' });
      const order: string[] = [];
      for (let turn = 0; turn < 3; turn += 1)
        order.push(started(await startLoader(card, emulate, /starting slot [AB]/)));
      if (order.join('') !== 'BBA') throw new Error(order.join(' '));
      return { order: order.join('') };
    },
  );
  await steps.step(
    'loader: no tries left anywhere: those that were good begin again',
    async (): Promise<Found> => {
      writeSlots(card, { A_LEFT: '0' });
      await startLoader(card, emulate, /starting slot A/);
      const after = readSlots(card);
      if (after.A_LEFT !== '2' || after.B_OK !== '0') throw new Error(JSON.stringify(after));
      return after;
    },
  );
  await steps.step('loader: nothing in slots.env: as a new image', async (): Promise<Found> => {
    writeSlots(card, undefined);
    const said = await startLoader(card, emulate, /starting slot A/);
    return { started: started(said) };
  });
  rmSync(card, { force: true });
}
