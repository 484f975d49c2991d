/*
 * Cuts of power of whole boards. What a board wrote in its first boot and in an update was recorded (whole.ts); from that comes its
 * card as a cut at a random moment leaves it, with a disk that loses what it had not flushed. A board has to come up from it.
 *
 *   cuts.ts IMAGE kvm|emulate COUNT [WHOLE] [first-boot|update]
 *
 * WHOLE of the cuts are looked at in QEMU until the board perceives; by KVM all of them. The others: the loader in QEMU until it says
 * which slot it starts (once for each content of what it reads), then that slot's RAM disk and its whole system on this machine's
 * kernel, until the board perceives.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labels } from '../../src/image/index.ts';
import { Board, boardFolder } from './board.ts';
import { cardWith, startOf } from './cards.ts';
import { started, startLoader } from './loader.ts';
import { Container, perceives } from './nspawn.ts';
import { work } from './places.ts';
import { bootFrom, must, sh, unpackRamDisk } from './ram-disk.ts';
import { type Entry, readLog, replay, survivors } from './recording.ts';
import { type Found, Steps } from './steps.ts';

const [image = '', way = 'kvm', count = '20', whole = way === 'kvm' ? '1000' : '2', phase] =
  process.argv.slice(2);
const emulate = way === 'emulate';
const log = join(work, 'everyday.log');
const moments = JSON.parse(readFileSync(`${log}.moments`, 'utf8')) as Readonly<Record<string, number>>;
const entries = readLog(log);
const claim = join(work, 'claim.token');
const place = join(work, 'cut');
const steps = new Steps();

/** The first entry after a moment of the recording. */
const entryAt = (moment: number) => entries.findIndex(({ data }) => data >= moment);

const identity = ['machine-id', 'agent.json', 'done'];

/** The system of a slot of the card on this machine's kernel, from its RAM disk on. */
async function startHere(card: string, slot: string): Promise<Found> {
  const number = slot === 'A' ? 2 : 3;
  const booted = bootFrom(card, 'true', undefined, number);
  if (booted.kind !== 'ext4') throw new Error(`/var is ${booted.kind}: ${booted.text.slice(-800)}`);
  const [root, state, seed] = ['root', 'var', 'seed'].map((name) => join(place, name));
  if (root === undefined || state === undefined || seed === undefined) throw new Error('no folders');
  rmSync(seed, { recursive: true, force: true });
  for (const folder of [root, state, seed]) mkdirSync(folder, { recursive: true });
  must(`mcopy -s -i ${card}@@1M ::/goshawk ${seed}`);
  const loop = must(`losetup --find --show ${card}`);
  sh(`partx --add ${loop}`);
  try {
    if (slot === 'B')
      must(
        `cmp --bytes=$(stat -c %s ${work}/root-generic-amd64.img) ${work}/root-generic-amd64.img ${loop}p3`,
      );
    must(`mount -o ro ${loop}p${number} ${root} && mount ${loop}p4 ${state}`);
    const found = identity.filter((name) => sh(`test -e ${state}/lib/goshawk-image/${name}`).status === 0);
    const board = new Container({ root, state, seed, log: join(place, 'console.log') });
    try {
      await perceives();
    } finally {
      await board.cut();
    }
    return { slot, found: found.join('+') || 'nothing' };
  } finally {
    sh(`umount ${state}; umount ${root}`);
    sh(`partx --delete ${loop}`);
    must(`losetup --detach ${loop}`);
  }
}

const chosen = new Map<string, string>();

/** The slot that the loader starts. It is asked once for each content of table and first partition, which are all that it reads. */
async function slotOf(card: string): Promise<string> {
  const head = must(`head -c ${startOf(labels.rootA)} ${card} | sha256sum`);
  const known = chosen.get(head);
  if (known !== undefined) return known;
  const slot = started(await startLoader(card, emulate, /starting slot [AB]/)).at(-1) ?? '';
  chosen.set(head, slot);
  return slot;
}

async function startWhole(card: string): Promise<Found> {
  const board = new Board({ folder: boardFolder(work, 'cut'), card, emulate });
  try {
    const perceiving = await board.perceives();
    return { perceiving, started: started(board.machine.console) };
  } finally {
    await board.cut();
  }
}

async function cutsIn(name: string, from: number, to: number, total: number): Promise<void> {
  const slots = new Map<string, number>();
  for (let index = 0; index < total; index += 1) {
    const end = from + Math.floor(((index + Math.random()) / total) * (to - from));
    const { kept, cut } = survivors(entries as readonly Entry[], end, Math.random);
    const text = `cut: ${name}, before entry ${end} of ${from} to ${to}, ${cut.lost} of ${cut.unsure} unflushed writes lost`;
    await steps.step(text, async () => {
      const card = join(work, 'cut.disk');
      must(`cp --sparse=always ${base} ${card}`);
      replay(log, kept, card);
      if (index < Number(whole)) return startWhole(card);
      const slot = await slotOf(card);
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
      return startHere(card, slot);
    });
  }
  console.log(
    `    ${name}: ${chosen.size} contents for the loader; slots started ${JSON.stringify(Object.fromEntries(slots))}`,
  );
}

mkdirSync(place, { recursive: true });
const base = cardWith(image, 'cut-base', claim);
unpackRamDisk();
if (phase !== 'update') await cutsIn('first boot', 0, entryAt(moments.online ?? 0), Number(count));
const { update, updated } = moments;
if (phase !== 'first-boot' && update !== undefined && updated !== undefined)
  await cutsIn('update', entryAt(update), entryAt(updated), Number(count));
for (const name of ['cut', 'cut-base']) rmSync(join(work, `${name}.disk`), { force: true });
process.exitCode = steps.close();
