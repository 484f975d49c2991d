import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/*
 * What tells one board from another. None of it is a secret or a proof; it helps a person who decides, and shows that a
 * disk was copied.
 */

const placeholder = /^(|0+|none|unknown|not specified|to be filled.*|default string|system serial number)$/i;

/** Serial number of the board; undefined where it has none or does not tell this user. */
export async function boardSerial(root = '/', env = process.env): Promise<string | undefined> {
  const credentials = env.CREDENTIALS_DIRECTORY;
  const places = [
    // A unit can hand over what root alone may read: LoadCredential=board-serial:/sys/class/dmi/id/product_serial
    ...(credentials === undefined ? [] : [join(credentials, 'board-serial')]),
    join(root, 'proc/device-tree/serial-number'),
    join(root, 'sys/class/dmi/id/product_serial'),
  ];
  for (const place of places) {
    const serial = (await text(place))?.replace(/[^A-Za-z0-9 ._:/+-]/g, '').slice(0, 64);
    if (serial !== undefined && /^[A-Za-z0-9]/.test(serial) && !placeholder.test(serial)) return serial;
  }
  return undefined;
}

/** Of the machine id, which should not leave the machine itself (machine-id(5)). Stays the same on a copied disk. */
export async function machineHash(root = '/'): Promise<string | undefined> {
  const id = await text(join(root, 'etc/machine-id'));
  return id === undefined || !/^[0-9a-f]{32}$/.test(id) ? undefined : hash('goshawk machine', id);
}

/** Of what a copied disk leaves behind: serial number and the network cards that are part of the board. */
export async function hardwareHash(root = '/', env = process.env): Promise<string | undefined> {
  const cards = join(root, 'sys/class/net');
  const addresses: string[] = [];
  for (const name of (await readdir(cards).catch(() => [])).sort()) {
    const bus = await readlink(join(cards, name, 'device/subsystem')).catch(() => '');
    // Plugged devices change, and virtual ones get new addresses.
    if (!['pci', 'platform', 'mmc', 'sdio'].includes(basename(bus))) continue;
    const kind = await text(join(cards, name, 'addr_assign_type'));
    const address = await text(join(cards, name, 'address'));
    if (kind === '0' && address !== undefined) addresses.push(address);
  }
  const serial = await boardSerial(root, env);
  if (serial === undefined && addresses.length === 0) return undefined;
  return hash('goshawk hardware', [serial ?? '', ...addresses].join('\n')).slice(0, 32);
}

function hash(purpose: string, value: string): string {
  return createHash('sha256').update(`${purpose}\n${value}`).digest('hex');
}

async function text(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}
