import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { keepPictureMemory, letGo } from '../../../../device/rclnodejs/picture-memory.ts';
import { buildReport, planProcess } from '../../../../native/index.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const pagesOfPicture = (6 << 20) / 4096;

/** Minor page faults of 50 pictures, one after the other, in a process of its own: what an allocator keeps is for good. */
function faultsOf(isKept: boolean): number {
  const program = `
    import { createRequire } from 'node:module';
    const { port1: nowhere, port2: otherEnd } = new MessageChannel();
    otherEnd.close();
    if (${isKept}) createRequire('/')(process.argv[1]).keepPicturesMemory();
    const picture = () => nowhere.postMessage(undefined, [new Uint8Array(6 << 20).fill(1).buffer]);
    picture();
    const before = process.resourceUsage().minorPageFault;
    for (let n = 0; n < 50; n++) picture();
    process.stdout.write(String(process.resourceUsage().minorPageFault - before), () => process.exit(0));
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program, planProcess().addon], {
    encoding: 'utf8',
  });
  return Number(said);
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
    // 50 pictures of 6 MB have 76,800 pages: with what is kept the first one's are mapped, and those of little else.
    const [kept, fresh] = [true, false].map(faultsOf);
    expect(fresh).toBeGreaterThan(50 * pagesOfPicture);
    expect(kept).toBeLessThan(5 * pagesOfPicture);
  });
});
