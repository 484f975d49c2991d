import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepPictureMemory, letGo } from '../../../../device/rclnodejs/picture-memory.ts';
import { buildReport } from '../../../../native/index.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const pagesOfPicture = (6 << 20) / 4096;

/** Minor page faults of 50 pictures, five at a time, in a process of its own: what an allocator keeps is for good. */
function faultsOf(isKept: boolean): number {
  const module = join(import.meta.dirname, '../../../../device/rclnodejs/picture-memory.ts');
  const program = `
    const { keepPictureMemory, letGo } = await import(${JSON.stringify(module)});
    if (${isKept}) keepPictureMemory({ debug: (text, why) => { throw new Error(text + why.reason); } });
    const pictures = async (rounds) => {
      for (let n = 0; n < rounds; n++) {
        const some = Array.from({ length: 5 }, () => Buffer.from(new Uint8Array(${pagesOfPicture} * 4096).fill(1).buffer));
        some.forEach(letGo);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    // It takes two turns until it is known that nobody is at the other end.
    await pictures(5);
    const before = process.resourceUsage().minorPageFault;
    await pictures(10);
    process.stdout.write(String(process.resourceUsage().minorPageFault - before), () => process.exit(0));
  `;
  const words = ['--import', 'tsx', '--input-type=module', '-e', program];
  return Number(execFileSync(process.execPath, words, { encoding: 'utf8' }));
}

describe('The memory of a picture from rclnodejs', () => {
  it('is free as soon as nobody needs the picture', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let picture = 0; picture < 50; picture += 1) {
      const bytes = Buffer.from(new ArrayBuffer(6 << 20));
      letGo(bytes);
      expect(bytes.byteLength).toBe(0);
      letGo(bytes);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 << 20);
  });

  it('is left alone where it is small, or a part of what others may have', () => {
    const small = Buffer.from(new ArrayBuffer(1000));
    const part = Buffer.from(new ArrayBuffer(4 << 20), 16);
    letGo(small);
    letGo(part);
    expect(small.byteLength).toBe(1000);
    expect(part.byteLength).toBe((4 << 20) - 16);
  });

  const built = buildReport().some(({ name, state }) => name === 'addon' && state === 'compiled');
  it.skipIf(!built)(`is kept by the allocator${built ? '' : ' (skipped: the addon is not built)'}`, () => {
    const log = new RecordingLog();
    keepPictureMemory(log);
    expect(log.lines).toEqual([]);
    // 50 pictures of 6 MB have 76,800 pages. By its defaults the allocator keeps two of them at most.
    const [kept, fresh] = [true, false].map(faultsOf);
    expect(fresh).toBeGreaterThan(30 * pagesOfPicture);
    expect(kept).toBeLessThan(5 * pagesOfPicture);
  });
});
