import { BlockList, isIP } from 'node:net';
import { InputError } from '../../base/index.ts';

/**
 * Addresses that are not of the public internet: loopback, private, link-local (where clouds keep their metadata),
 * shared, reserved, multicast, and the ways to write an IPv4 address inside an IPv6 one.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, iana-ipv6-special-registry
 */
const special: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

/**
 * Where messages may go. An admin of the fleet can write any address into a rule, and that must not be a way into the
 * network behind the controller: what is not public has to be allowed by whoever runs the controller, in its settings.
 */
export class AddressPolicy {
  readonly #special = new BlockList();
  readonly #allowed = new BlockList();

  /** `allow`: networks as `10.1.0.0/16` or single addresses. InputError `settings-invalid` for anything else. */
  constructor(allow: readonly string[]) {
    for (const [network, prefix] of special) this.#special.addSubnet(network, prefix, familyOf(network));
    for (const text of allow) this.#allow(text);
  }

  isAllowed(address: string): boolean {
    const plain = unmapped(address);
    return isIP(plain) !== 0 && this.#allowed.check(plain, familyOf(plain));
  }

  /** May a message go to this address at all. */
  admits(address: string): boolean {
    const plain = unmapped(address);
    if (isIP(plain) === 0) return false;
    return this.isAllowed(plain) || !this.#special.check(plain, familyOf(plain));
  }

  #allow(text: string): void {
    const [network = '', prefix, ...more] = text.split('/');
    const bits = isIP(network) === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    const valid = isIP(network) !== 0 && Number.isInteger(length) && length >= 0 && length <= bits;
    if (!valid || more.length > 0 || prefix === '')
      throw new InputError(
        'settings-invalid',
        `webhooks.allow: "${text}" is not a network.`,
        'Write networks as 192.0.2.0/24 or fd00::/8, single addresses as 192.0.2.7.',
      );
    this.#allowed.addSubnet(network, length, familyOf(network));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** `::ffff:10.0.0.1` and `::ffff:a00:1` are 10.0.0.1. */
function unmapped(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return bare;
  // A URL writes every IPv6 address in its one shortest form.
  const short = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (match === null) return short;
  const [high, low] = [Number.parseInt(match[1] ?? '0', 16), Number.parseInt(match[2] ?? '0', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
