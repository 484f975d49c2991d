import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { boardSerial, hardwareHash, machineHash } from '../../../../src/adapters/system/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const machineId = '0123456789abcdef0123456789abcdef';

function board(
  files: Record<string, string>,
  cards: Record<string, { bus: string; address: string; kind?: string }> = {},
) {
  const root = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  for (const [name, { bus, address, kind = '0' }] of Object.entries(cards)) {
    write(`sys/class/net/${name}/address`, `${address}\n`);
    write(`sys/class/net/${name}/addr_assign_type`, `${kind}\n`);
    mkdirSync(join(root, 'sys/class/net', name, 'device'));
    symlinkSync(`/sys/bus/${bus}`, join(root, 'sys/class/net', name, 'device/subsystem'));
  }
  return root;
}

describe('A board', () => {
  it.each([
    [{ 'proc/device-tree/serial-number': '1422921034567\0' }, {}, '1422921034567'],
    [{ 'sys/class/dmi/id/product_serial': 'To Be Filled By O.E.M.\n' }, {}, undefined],
    [{ 'sys/class/dmi/id/product_serial': '0000000\n' }, {}, undefined],
    [{ 'sys/class/dmi/id/product_serial': 'SN-7/2\n' }, {}, 'SN-7/2'],
    [{ 'sys/class/dmi/id/product_serial': '<b>\n' }, {}, 'b'],
    [{}, {}, undefined],
  ])('of %j has the serial number %j', async (files, env, serial) => {
    expect(await boardSerial(board(files as Record<string, string>), env)).toBe(serial);
  });

  it('is told its serial number by its unit first', async () => {
    const root = board({ 'proc/device-tree/serial-number': '1', 'run/credentials/board-serial': 'SN 9\n' });
    expect(await boardSerial(root, { CREDENTIALS_DIRECTORY: join(root, 'run/credentials') })).toBe('SN 9');
  });

  it('does not give its machine id away', async () => {
    const hash = await machineHash(board({ 'etc/machine-id': `${machineId}\n` }));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hash).not.toContain(machineId);
    expect(await machineHash(board({ 'etc/machine-id': 'uninitialized\n' }))).toBeUndefined();
  });

  it('is another one with other cards on the board, and the same with another stick in it', async () => {
    const eth = { bus: 'pci', address: '02:00:00:00:00:01' };
    const before = await hardwareHash(board({}, { eth0: eth }), {});
    const usb = { bus: 'usb', address: '02:00:00:00:00:09' };
    const random = { bus: 'platform', address: '02:00:00:00:00:08', kind: '1' };
    expect(await hardwareHash(board({}, { eth0: eth, usb0: usb, wlan0: random }), {})).toBe(before);
    expect(await hardwareHash(board({}, { eth0: { ...eth, address: '02:00:00:00:00:02' } }), {})).not.toBe(
      before,
    );
    expect(await hardwareHash(board({}), {})).toBeUndefined();
  });
});
