import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepPictureMemory, letGo } from '../../../../device/rclnodejs/picture-memory.ts';
import { buildReport } from '../../../../native/index.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const pictureBytes = 6 << 20;

/**
 * How many of 50 pictures, five at a time, the allocator gives back to the system, in a process of its own: what it keeps is for good.
 * Not by page faults: a huge page is one of them.
 */
function givenBack(isKept: boolean): number {
  const module = join(import.meta.dirname, '../../../../device/rclnodejs/picture-memory.ts');
  const program = `
    const { readFileSync } = await import('node:fs');
    const { keepPictureMemory, letGo } = await import(${JSON.stringify(module)});
    if (${isKept}) keepPictureMemory({ debug: (text, why) => { throw new Error(text + why.reason); } });
    const held = () => [...readFileSync('/proc/self/status', 'utf8').matchAll(/^Vm(?:RSS|Swap):\\s+([0-9]+) kB/gm)]
      .reduce((sum, [, kib]) => sum + 1024 * kib, 0);
    const pictures = async (rounds) => {
      let less = 0;
      for (let n = 0; n < rounds; n++) {
        const some = Array.from({ length: 5 }, () => Buffer.from(new Uint8Array(${pictureBytes}).fill(1).buffer));
        const full = held();
        some.forEach(letGo);
        await new Promise((resolve) => setImmediate(resolve));
        less += full - held();
      }
      return less;
    };
    // It takes two turns until it is known that nobody is at the other end.
    await pictures(5);
    process.stdout.write(String(await pictures(10)), () => process.exit(0));
  `;
  const words = ['--import', 'tsx', '--input-type=module', '-e', program];
  // Else the allocator raises its threshold by itself, and gives back what lies at the end of its heap alone: that is chance.
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: String(128 << 10) };
  return Number(execFileSync(process.execPath, words, { encoding: 'utf8', env })) / pictureBytes;
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
    const [kept, fresh] = [true, false].map(givenBack);
    expect(fresh).toBeGreaterThan(45);
    expect(kept).toBeLessThan(5);
  });
});
