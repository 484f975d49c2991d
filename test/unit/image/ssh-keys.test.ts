import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorizedKeys, readSshKeys } from '../../../src/image/index.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

describe('The keys with which the owner of an image logs in', () => {
  it('are read as ssh-keygen writes them, and written one a line', () => {
    const keys = readSshKeys(`# of the team\n${ed25519} anna@desk\r\n\n${ed25519}\n`);
    if (typeof keys === 'string') throw new Error(keys);
    expect(keys.map(({ type, comment }) => [type, comment])).toEqual([
      ['ssh-ed25519', 'anna@desk'],
      ['ssh-ed25519', ''],
    ]);
    expect(authorizedKeys(keys)).toBe(`${ed25519} anna@desk\n${ed25519}\n`);
  });

  it.each([
    ['', /no key/],
    ['# nothing\n', /no key/],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n', /private key/],
    [`ssh-dss ${ed25519.split(' ')[1]}`, /not a public key/],
    [`ssh-rsa ${ed25519.split(' ')[1]}`, /not a public key/],
    [`command="sh" ${ed25519}`, /not a public key/],
    ['ssh-ed25519 AAAA', /not a public key/],
    [`${ed25519}\nmore`, /Key 2/],
    [`${ed25519}\n`.repeat(33), /more than 32/],
    ['#'.repeat(70_000), /bytes/],
  ])('are refused where they are none: %#', (text, why) => {
    expect(readSshKeys(text)).toMatch(why);
  });

  it('never bring a line that the file did not have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const keys = readSshKeys(`${ed25519} ${text}`);
        if (typeof keys === 'string') return;
        expect(authorizedKeys(keys).split('\n')).toHaveLength(keys.length + 1);
        expect(authorizedKeys(keys)).toMatch(/^(ssh-|ecdsa-|sk-)/);
      }),
    );
  });
});
