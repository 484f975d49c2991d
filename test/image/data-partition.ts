import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { work } from './places.ts';
import { type Booted, bootFrom, must, unpackRamDisk } from './ram-disk.ts';
import type { Steps } from './steps.ts';

/* What the initial RAM disk makes of a card: its own programs and script, on this machine's kernel. */

const card = join(work, 'ram-disk.disk');

function freshCard(image: string, size: string): void {
  rmSync(card, { force: true });
  must(`cp --sparse=always ${image} ${card} && truncate --size=${size} ${card}`);
}

function expectKind(booted: Booted, kind: string): void {
  if (booted.kind !== kind)
    throw new Error(`/var is ${booted.kind || 'not there'}: ${booted.text.slice(-800)}`);
}

/** Start of the data partition in bytes. */
function startOfData(): number {
  const start = /start= *(\d+),.*name="goshawk-data"/.exec(must(`sfdisk --dump ${card}`))?.[1];
  if (start === undefined) throw new Error('there is no data partition');
  return Number(start) * 512;
}

function expectWholeTable(): void {
  const found = must(`sfdisk --verify ${card} 2>&1`);
  if (!found.includes('No errors detected')) throw new Error(found);
}

export async function dataPartitionSteps(steps: Steps, image: string): Promise<void> {
  unpackRamDisk();
  await steps.step(
    'RAM disk: data over the rest of the card at the first boot, the same at the second',
    async () => {
      freshCard(image, '6G');
      const first = bootFrom(card, 'echo kept >file');
      expectKind(first, 'ext4');
      expectWholeTable();
      const second = bootFrom(card, 'grep kept file');
      expectKind(second, 'ext4');
      if (second.status !== 0) throw new Error(`what was written is gone: ${second.text}`);
      return {
        megabytes: Math.round(first.bytes / 1e6),
        firstSeconds: first.seconds.toFixed(1),
        secondSeconds: second.seconds.toFixed(1),
      };
    },
  );
  await steps.step('RAM disk: a machine id that was kept is the machine’s again', async () => {
    const id = '0123456789abcdef0123456789abcdef';
    bootFrom(card, `mkdir -p lib/goshawk-image && echo ${id} >lib/goshawk-image/machine-id`);
    const { text } = bootFrom(card, 'cat /root/etc/machine-id');
    if (!text.includes(id)) throw new Error(text.slice(-300));
    return undefined;
  });
  await steps.step(
    'RAM disk: a file system that was cut off in the middle of writing is mended',
    async () => {
      const killed = bootFrom(
        card,
        'i=0; while :; do i=$((i+1)); head -c 100000 /dev/zero >f$i; done',
        4_000,
      );
      if (killed.status !== null) throw new Error('it was not cut off');
      expectKind(bootFrom(card, 'grep kept file'), 'ext4');
      return undefined;
    },
  );
  await steps.step('RAM disk: a card without room for data: /var in memory, and it says why', async () => {
    freshCard(image, String(Number(must(`stat -c %s ${image}`)) + 32 * 2 ** 20));
    const booted = bootFrom(card);
    expectKind(booted, 'tmpfs');
    if (!booted.data.includes('too small: 32 MiB')) throw new Error(booted.data);
    return { data: booted.data };
  });
  await steps.step(
    'RAM disk: a data partition that nobody can mend: /var in memory, and nothing is thrown away',
    async () => {
      freshCard(image, '4G');
      expectKind(bootFrom(card), 'ext4');
      // The first superblock and its copies.
      must(
        `dd if=/dev/zero of=${card} bs=1M count=400 seek=${startOfData() / 2 ** 20} conv=notrunc status=none`,
      );
      const booted = bootFrom(card);
      expectKind(booted, 'tmpfs');
      startOfData();
      return { data: booted.data };
    },
  );
}

/** Ends the script at random moments of the first boot; the boot after it has to have its data partition. */
export async function dataPartitionCuts(steps: Steps, image: string, count: number): Promise<void> {
  unpackRamDisk();
  freshCard(image, '6G');
  const wholeMs = bootFrom(card).seconds * 1000;
  for (let index = 0; index < count; index += 1) {
    const afterMs = randomInt(20, Math.ceil(wholeMs));
    await steps.step(`RAM disk: cut after ${afterMs} of ${Math.round(wholeMs)} ms`, async () => {
      freshCard(image, '6G');
      bootFrom(card, 'true', afterMs);
      const left =
        /name="goshawk-data[^"]*"/.exec(must(`sfdisk --dump ${card} 2>/dev/null`))?.[0] ??
        'no data partition';
      expectKind(bootFrom(card, 'echo kept >file'), 'ext4');
      expectWholeTable();
      expectKind(bootFrom(card, 'grep kept file'), 'ext4');
      return { left };
    });
  }
}
