import { describe, expect, it } from 'vitest';
import {
  findProvider,
  isKeyReference,
  keyReference,
  providerConfig,
} from '../../../../src/adapters/pkcs11/index.ts';

const token = { module: '/usr/lib/p11.so', label: 'goshawk', pinFile: '/etc/goshawk/pin' };

describe('Settings of OpenSSL for a token', () => {
  it('name the library and where the PIN is, not the PIN, and no section twice', () => {
    const text = providerConfig(token, '/usr/lib/ossl-modules/pkcs11.so');
    expect(text).toContain('pkcs11-module-path = /usr/lib/p11.so');
    expect(text).toContain('pkcs11-module-token-pin = file:/etc/goshawk/pin');
    const sections = [...text.matchAll(/^\[(\w+)\]$/gm)].map(([, name]) => name);
    // OpenSSL takes a section that has the name of an entry that names it for a circle.
    const entries = [...text.matchAll(/^(\w+) = (\w+)$/gm)].filter(([, name, value]) => name === value);
    expect(new Set(sections).size).toBe(sections.length);
    expect(entries.map(([line]) => line)).toEqual(['providers = providers']);
  });

  it.each(['relative.so', '/a b.so', '/a.so\nactivate = 0', '/$HOME/a.so', '/a#b.so', ''])(
    'hold no path that would mean something else: %j',
    (module) => {
      expect(() => providerConfig({ ...token, module }, '/p.so')).toThrow(/is not allowed/);
    },
  );

  it('need the provider, which is searched where Debian and others put it', () => {
    const arm = '/usr/lib/aarch64-linux-gnu/ossl-modules/pkcs11.so';
    expect(findProvider((path) => path === arm)).toBe(arm);
    expect(() => findProvider(() => false)).toThrow(/not installed/);
  });
});

describe('A reference to a key', () => {
  it('is PEM with the address of the key (RFC 7512), as uri2pem of the provider writes it', () => {
    const pem = keyReference({ token: 'hall 3', object: 'k;x=1' });
    const der = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    expect(isKeyReference(pem)).toBe(true);
    expect(isKeyReference('-----BEGIN PRIVATE KEY-----')).toBe(false);
    const uri = 'pkcs11:token=hall%203;object=k%3Bx%3D1;type=private';
    const version = 'PKCS#11 Provider URI v1.0';
    const content = [0x1a, version.length, ...Buffer.from(version), 0x0c, uri.length, ...Buffer.from(uri)];
    expect([...der]).toEqual([0x30, content.length, ...content]);
  });

  it('may be long', () => {
    const pem = keyReference({ token: 'a'.repeat(32), object: 'ü'.repeat(100) });
    const der = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    expect([der[0], der[1], der.readUInt16BE(2)]).toEqual([0x30, 0x82, der.length - 4]);
  });
});
