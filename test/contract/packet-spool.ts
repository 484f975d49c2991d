import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PacketSpool } from '../../src/agent/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import { suite } from './suite.ts';

/** A disk for the ring of one device. */
export interface SpoolDisk {
  /** A spool on this disk, as a new process makes it. */
  spool(): PacketSpool;
  /** Everything that is on the disk. */
  content(): Uint8Array;
  /** Changes something of all that is there. */
  damage(): void;
  /** From now on the disk takes nothing, or works again. */
  refuses(yes: boolean): void;
  close(): void;
}

const text = 'a person who walks past the camera, '.repeat(20);
const bytes = new TextEncoder().encode(text);
const pieces = [bytes.subarray(0, 100), bytes.subarray(100, 100), bytes.subarray(100)];

/** What the ring of clips expects of any place for its packets. */
export function describePacketSpool(name: string, make: () => SpoolDisk): void {
  suite(`A place for packets: ${name}`, undefined, () => {
    let disk: SpoolDisk;
    let spool: PacketSpool;

    beforeEach(async () => {
      disk = make();
      spool = disk.spool();
      await spool.open();
    });
    afterEach(async () => {
      await spool.close();
      disk.close();
    });

    it('gives back what it was given, as often as it is asked', async () => {
      const first = await spool.write(pieces);
      const second = await spool.write([new Uint8Array([1, 2, 3])]);
      expect(await first.read()).toEqual(bytes);
      expect(await first.read()).toEqual(bytes);
      expect(await second.read()).toEqual(new Uint8Array([1, 2, 3]));
    });

    it('has nothing on the disk that anybody can read', async () => {
      const spooled = await spool.write(pieces);
      const there = Buffer.from(disk.content());
      expect(there.length).toBeGreaterThanOrEqual(bytes.length);
      expect(there.includes('person')).toBe(false);
      expect(await spooled.read()).toEqual(bytes);
    });

    it('has removed dropped packets from the disk when the last reader is done', async () => {
      const spooled = await spool.write(pieces);
      const reading = spooled.read();
      spooled.drop();
      expect(await reading).toEqual(bytes);
      await vi.waitFor(() => expect(disk.content()).toHaveLength(0), { timeout: 60_000 });
      await expect(spooled.read()).rejects.toBeInstanceOf(GoshawkError);
    });

    it('removes what a process left that was killed', async () => {
      await spool.write(pieces);
      const next = disk.spool();
      await next.open();
      expect(disk.content()).toHaveLength(0);
      await next.close();
    });

    it('leaves nothing behind when it is closed', async () => {
      await spool.write(pieces);
      await spool.close();
      expect(disk.content()).toHaveLength(0);
    });

    it('says that others are there than it wrote', async () => {
      const spooled = await spool.write(pieces);
      disk.damage();
      await expect(spooled.read()).rejects.toMatchObject({ code: 'clip-ring-damaged' });
    });

    it('reports a full disk, leaves no partial file, and continues when there is room', async () => {
      disk.refuses(true);
      await expect(spool.write(pieces)).rejects.toBeInstanceOf(GoshawkError);
      disk.refuses(false);
      expect(disk.content()).toHaveLength(0);
      expect(await (await spool.write(pieces)).read()).toEqual(bytes);
    });
  });
}
