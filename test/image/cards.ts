import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentBlock, firstSlots, labels, layoutOf } from '../../src/image/index.ts';
import { work } from './places.ts';
import type { ImageFiles } from './prepare.ts';
import { must } from './ram-disk.ts';

/* Cards for boards, as files, and what a person or an operator puts on them. */

const partitions = layoutOf(1536 * 2 ** 20).partitions;
export const startOf = (label: string) =>
  partitions.find((partition) => partition.label === label)?.startByte ?? 0;

/** A card with the image on it, and with a file in the folder that the first boot reads. */
export function cardWith(image: string, name: string, claim?: string): string {
  const card = join(work, `${name}.disk`);
  rmSync(card, { force: true });
  must(`cp --sparse=always ${image} ${card} && truncate --size=5G ${card}`);
  if (claim !== undefined)
    must(`mcopy -o -i ${card}@@${startOf(labels.efi)} ${claim} ::/goshawk/claim.token`);
  return card;
}

/** What the loader knows of the slots. */
export function readSlots(card: string): Readonly<Record<string, string>> {
  const text = must(`mtype -i ${card}@@${startOf(labels.efi)} ::/EFI/goshawk/slots.env`);
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** `undefined`: nothing but zeros. */
export function writeSlots(
  card: string,
  values: Partial<Record<keyof typeof firstSlots, string>> | undefined,
): void {
  const env = `${card}.env`;
  writeFileSync(
    env,
    values === undefined ? Buffer.alloc(1024) : environmentBlock({ ...firstSlots, ...values }),
  );
  must(`mcopy -o -i ${card}@@${startOf(labels.efi)} ${env} ::/EFI/goshawk/slots.env && rm ${env}`);
}

/** A disk with a good update, one whose agent can't start, and one that is damaged. */
export function updatesDisk({ update }: ImageFiles): string {
  const folder = join(work, 'updates');
  const bad = join(work, 'bad');
  for (const path of [folder, bad]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
  }
  must(`ln ${update} ${folder}/good.raucb`);
  must(
    `cp --sparse=always ${join(work, 'root-generic-amd64.img')} ${bad}/root.img && cp ${join(work, 'update-generic-amd64/manifest.raucm')} ${bad}`,
  );
  must(`debugfs -w -R 'rm /usr/lib/goshawk-agent/bin/node' ${bad}/root.img`);
  must(
    `rauc bundle --cert=${work}/update-throwaway.cert.pem --key=${work}/update-throwaway.key.pem --mksquashfs-args='-comp zstd -Xcompression-level 1' ${bad} ${folder}/bad.raucb`,
  );
  must(
    `cp ${update} ${folder}/damaged.raucb && printf x | dd of=${folder}/damaged.raucb bs=1 seek=100000000 conv=notrunc status=none`,
  );
  const disk = join(work, 'updates.img');
  rmSync(disk, { force: true });
  must(`mke2fs -q -t ext4 -d ${folder} ${disk} 1200m`);
  rmSync(bad, { recursive: true });
  rmSync(folder, { recursive: true });
  return disk;
}
