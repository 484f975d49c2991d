import { describe, expect, it } from 'vitest';
import { keepPictureMemory, letGo } from '../../../../device/rclnodejs/picture-memory.ts';
import { buildReport } from '../../../../native/index.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

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
  });
});
