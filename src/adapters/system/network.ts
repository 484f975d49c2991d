import { join } from 'node:path';
import type { NetworkFacts } from '../../agent/index.ts';
import { kernelNames, readKernelText } from '../../platform/index.ts';

/** Over what the default route leads; undefined where the kernel does not say. IPv4 first, as its metric is comparable. */
export async function networkFacts(root = '/'): Promise<NetworkFacts | undefined> {
  const routes = await readKernelText(join(root, 'proc/net/route'));
  if (routes === undefined) return undefined;
  const name = defaultRoute(routes) ?? defaultRoute6(await readKernelText(join(root, 'proc/net/ipv6_route')));
  if (name === undefined) return { interface: undefined, kind: 'other' };
  return { interface: name, kind: await kindOf(join(root, 'sys/class/net', name), name) };
}

/** The interface of the default route with the lowest metric that is up. */
function defaultRoute(table: string): string | undefined {
  const routes = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, to, , flags, , , , mask]) => to === '00000000' && mask === '00000000' && isUp(flags))
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  return routes[0]?.[0];
}

function isUp(flags: string | undefined): boolean {
  return (Number.parseInt(flags ?? '0', 16) & 1) === 1;
}

function defaultRoute6(table: string | undefined): string | undefined {
  const routes = (table ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([to, length, , , , , , , flags, name]) => isAny(to) && length === '00' && isUp(flags) && name !== 'lo',
    )
    .sort((a, b) => Number.parseInt(a[5] ?? '', 16) - Number.parseInt(b[5] ?? '', 16));
  return routes[0]?.[9];
}

function isAny(address: string | undefined): boolean {
  return /^0{32}$/.test(address ?? '');
}

async function kindOf(folder: string, name: string): Promise<NetworkFacts['kind']> {
  const files = await kernelNames(folder);
  const uevent = (await readKernelText(join(folder, 'uevent'))) ?? '';
  // ModemManager's interfaces: the driver says wwan, or the name does; ppp is a modem's on a board.
  if (/^DEVTYPE=wwan$/m.test(uevent) || /^(ww|ppp|rmnet)/.test(name)) return 'mobile';
  if (/^DEVTYPE=wlan$/m.test(uevent) || files.includes('phy80211') || files.includes('wireless'))
    return 'wireless';
  return (await readKernelText(join(folder, 'type'))) === '1' ? 'wired' : 'other';
}
