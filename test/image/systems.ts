import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardOf, raucManifest } from '../../src/image/index.ts';
import { work } from './places.ts';
import { must } from './ram-disk.ts';

/* Systems of other versions, made from that of the image, as signed updates. */

const limitMs = 900_000;
/** The file system of the image's slot A. */
export const firstSystem = join(work, 'root-generic-amd64.img');
const program = 'usr/lib/goshawk-agent';

/** What is changed in the mounted root. */
export type Change = (edit: (path: string, change: (text: string) => string) => void) => void;

/** A bundle of RAUC's plain form, because the form that a board takes needs a device mapper. */
export function makeSystem(folder: string, version: string, change: Change = () => {}): string {
  const [root, bundle] = [join(folder, 'root'), join(folder, 'bundle')];
  rmSync(folder, { recursive: true, force: true });
  for (const one of [root, bundle]) mkdirSync(one, { recursive: true });
  must(`cp --sparse=always ${firstSystem} ${bundle}/root.img`, limitMs);
  must(`mount -o loop ${bundle}/root.img ${root}`);
  try {
    const edit = (path: string, by: (text: string) => string) => {
      const file = join(root, path);
      writeFileSync(file, by(readFileSync(file, 'utf8')));
    };
    edit('usr/lib/goshawk-image/image.json', (text) => text.replace('0.1.0', version));
    edit(`${program}/package.json`, (text) => text.replace('0.1.0', version));
    change(edit);
  } finally {
    must(`umount ${root}`, limitMs);
  }
  const board = boardOf('generic-amd64');
  if (board === undefined) throw new Error('there is no such board');
  const manifest = raucManifest(board, version, 'root.img').replace('format=verity', 'format=plain');
  writeFileSync(join(bundle, 'manifest.raucm'), manifest);
  const [key, certificate] = ['key', 'cert'].map((one) => join(work, `update-throwaway.${one}.pem`));
  const out = join(folder, `${version}.raucb`);
  const fast = "--mksquashfs-args='-comp zstd -Xcompression-level 1'";
  must(
    `rauc bundle --cert=${certificate} --key=${key} --keyring=${certificate} ${fast} ${bundle} ${out}`,
    limitMs,
  );
  rmSync(bundle, { recursive: true });
  return out;
}

/** Ways in which a system is bad. */
export const badSystems: readonly (readonly [what: string, version: string, change: Change])[] = [
  ['that does not come up at all', '0.1.2', (edit) => edit('usr/lib/systemd/systemd', () => 'no program\n')],
  [
    'whose agent does not start',
    '0.1.3',
    (edit) =>
      edit(
        `${program}/dist/src/cli/main.js`,
        (text) => `if (process.argv[2] === 'agent') process.exit(3);\n${text}`,
      ),
  ],
  [
    'whose agent starts and does not connect',
    '0.1.4',
    (edit) =>
      edit('usr/lib/systemd/system/goshawk-agent.service', (text) =>
        text.replace('[Service]', '[Service]\nEnvironment=GOSHAWK_BROKER_URL=mqtts://127.0.0.1:9'),
      ),
  ],
  [
    'whose agent connects and does not perceive',
    '0.1.5',
    (edit) => edit(`${program}/dist/src/adapters/street/worker.js`, () => 'setInterval(() => {}, 1000);\n'),
  ],
];
