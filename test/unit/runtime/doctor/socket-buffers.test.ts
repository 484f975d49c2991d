import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSocketBuffers } from '../../../../src/runtime/doctor/socket-buffers.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'goshawk-doctor-'));
});
afterEach(() => rm(folder, { recursive: true }));

const check = async (receive?: string, send?: string) => {
  if (receive !== undefined) await writeFile(path.join(folder, 'rmem_max'), `${receive}\n`);
  if (send !== undefined) await writeFile(path.join(folder, 'wmem_max'), `${send}\n`);
  return checkSocketBuffers(folder);
};

describe('What the doctor says of socket buffers', () => {
  it('is good where there is all that is asked for', async () => {
    expect(await check('33554432', '33554432')).toEqual({
      ...{ name: 'socket buffers', state: 'ok' },
      detail: 'a socket may hold 32.0 MiB to read and 32.0 MiB to send',
    });
  });

  it('names what is missing, and the two lines, where large pictures will be lost', async () => {
    const found = await check('212992', '212992');
    expect(found.state).toBe('absent');
    expect(found.detail).toBe(
      'a socket may hold 0.2 MiB to read and 0.2 MiB to send; Goshawk requests 32.0 MiB; missing: 31.8 MiB of net.core.rmem_max, 31.8 MiB of net.core.wmem_max. Large best-effort pictures of ROS 2 will be lost',
    );
    expect(found.remedy).toContain('sudo sysctl -w net.core.rmem_max=33554432');
    expect(found.remedy).toContain('sudo sysctl -w net.core.wmem_max=33554432');
  });

  it('is good with less, from what Fast DDS asks for on, and says how much less', async () => {
    const found = await check(String(8 << 20), '33554432');
    expect(found.state).toBe('ok');
    expect(found.detail).toContain('missing: 24.0 MiB of net.core.rmem_max');
    expect((await check(String((8 << 20) - 1))).state).toBe('absent');
  });

  it('is not known where the kernel does not say it, or says something else', async () => {
    for (const found of [await check(), await check('33554432'), await check('many', '1')]) {
      expect(found.state).toBe('absent');
      expect(found.detail).toContain('cannot be read');
      expect(found.remedy).toContain('on the host');
    }
  });

  it('of this machine is an answer', async () => {
    expect((await checkSocketBuffers()).name).toBe('socket buffers');
  });
});
