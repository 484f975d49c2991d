import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressPolicy } from '../../../../src/adapters/webhooks/index.ts';

const strict = new AddressPolicy([]);

describe('Where webhooks may go', () => {
  it.each([
    '127.0.0.1',
    '127.255.3.4',
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'ff02::1',
    '2001:db8::1',
    'not an address',
    '',
  ])('is not %s', (address) => {
    expect(strict.admits(address)).toBe(false);
  });

  it.each(['93.184.216.34', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    'may be %s',
    (address) => {
      expect(strict.admits(address)).toBe(true);
      expect(strict.isAllowed(address)).toBe(false);
    },
  );

  it('may be a network that was allowed, in every way to write it, and no other', () => {
    const policy = new AddressPolicy(['10.1.0.0/16', '127.0.0.1', 'fd00::/8']);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '127.0.0.1', 'fd12::1'])
      expect([address, policy.admits(address), policy.isAllowed(address)]).toEqual([address, true, true]);
    for (const address of ['10.2.0.1', '127.0.0.2', '169.254.169.254', '::1', 'fe80::1'])
      expect([address, policy.admits(address)]).toEqual([address, false]);
  });

  it('is never private, however an IPv4 address is wrapped', () => {
    const byte = fc.nat(255);
    const network = fc.constantFrom([10], [127], [192, 168], [169, 254], [172, 20]);
    fc.assert(
      fc.property(network, fc.tuple(byte, byte, byte), fc.boolean(), (start, rest, mapped) => {
        const address = [...start, ...rest].slice(0, 4).join('.');
        expect(strict.admits(mapped ? `::ffff:${address}` : address)).toBe(false);
      }),
      { seed: 6 },
    );
  });

  it.each(['10.0.0.0/33', 'example.com', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', '', '/8', '10.0.0.0/x'])(
    'cannot be allowed as "%s"',
    (text) => {
      expect(() => new AddressPolicy([text])).toThrow(`webhooks.allow: "${text}" is not a network.`);
    },
  );
});
