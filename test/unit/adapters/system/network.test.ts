import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { networkFacts } from '../../../../src/adapters/system/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const route = (name: string, metric: number, flags = '0003') =>
  `${name}\t00000000\t010200C0\t${flags}\t0\t0\t${metric}\t00000000\t0\t0\t0\n`;
const lan = 'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n';
const none6 = '00000000000000000000000000000000 00';
const route6 = `${none6} 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000000 00000000 00000003 wlan0\n`;

/** A board with these files, as its kernel writes them. */
function board(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('The network of a board', () => {
  it.each<[string, Record<string, string>, object | undefined]>([
    [
      'a cable',
      { 'proc/net/route': head + lan + route('eth0', 100), 'sys/class/net/eth0/type': '1\n' },
      { interface: 'eth0', kind: 'wired' },
    ],
    [
      'the cheaper of two',
      {
        'proc/net/route': head + route('wwan0', 700) + route('wlan0', 600),
        'sys/class/net/wlan0/uevent': 'DEVTYPE=wlan\nINTERFACE=wlan0\n',
        'sys/class/net/wlan0/type': '1\n',
      },
      { interface: 'wlan0', kind: 'wireless' },
    ],
    [
      'a modem that the driver names',
      { 'proc/net/route': head + route('usb7', 0), 'sys/class/net/usb7/uevent': 'DEVTYPE=wwan\n' },
      { interface: 'usb7', kind: 'mobile' },
    ],
    [
      'a modem by its name',
      { 'proc/net/route': head + route('wwp1s0', 0), 'sys/class/net/wwp1s0/type': '1' },
      { interface: 'wwp1s0', kind: 'mobile' },
    ],
    [
      'a route that is down',
      { 'proc/net/route': head + route('eth0', 0, '0002') },
      { interface: undefined, kind: 'other' },
    ],
    [
      'IPv6 alone',
      { 'proc/net/route': head, 'proc/net/ipv6_route': route6, 'sys/class/net/wlan0/phy80211/name': 'phy0' },
      { interface: 'wlan0', kind: 'wireless' },
    ],
    [
      'a tunnel',
      { 'proc/net/route': head + route('wg0', 0), 'sys/class/net/wg0/type': '65534\n' },
      { interface: 'wg0', kind: 'other' },
    ],
    ['a kernel that says nothing', {}, undefined],
  ])('with %s', async (_title, files, facts) => {
    expect(await networkFacts(board(files))).toEqual(facts);
  });
});
