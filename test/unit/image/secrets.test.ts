import { describe, expect, it } from 'vitest';
import { forbiddenPath, holdsPrivateKey, isMachineId } from '../../../src/image/index.ts';

describe('What may not be in an image', () => {
  it.each([
    'etc/ssh/ssh_host_ed25519_key',
    'etc/ssh/ssh_host_rsa_key.pub',
    'var/lib/dbus/machine-id',
    'var/lib/systemd/random-seed',
    'var/lib/systemd/credential.secret',
    'etc/NetworkManager/system-connections/home.nmconnection',
    'var/lib/iwd/home.psk',
    'root/.ssh/id_ed25519',
    'home/user/.ssh/authorized_keys',
    'var/lib/goshawk-agent/identity/device.key',
    'var/lib/goshawk-agent/memory.json',
    'etc/goshawk/device.key',
    'etc/goshawk/claim.token',
    'etc/apt/sources.list',
    'etc/apt/sources.list.d/older-defaults-of-debian.sources',
    'etc/apt/preferences.d/installed-versions',
    'etc/apt/auth.conf',
    'etc/resolv.conf',
  ])('%s', (path) => {
    expect(forbiddenPath(path, false)).toBeDefined();
  });

  it.each([
    'etc/goshawk/agent.json',
    'etc/ssl/certs/ca-certificates.crt',
    'etc/rauc/keyring.pem',
    'etc/iwd/main.conf',
    'etc/apt/apt.conf.d/01autoremove',
    'etc/machine-id',
  ])('but %s may', (path) => {
    expect(forbiddenPath(path, false)).toBeUndefined();
  });

  it('a link alone is no finding', () => {
    expect(forbiddenPath('etc/resolv.conf', true)).toBeUndefined();
  });

  it.each([
    'PRIVATE KEY',
    'EC PRIVATE KEY',
    'RSA PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
  ])('a private key wherever it lies: %s', (kind) => {
    const text = `first\n-----BEGIN ${kind}-----\n${'MC4CAQAwBQYDK2VwBCIEIA'.repeat(3)}\n-----END ${kind}-----\n`;
    expect(holdsPrivateKey(text)).toBe(true);
  });

  it('a program that only speaks of keys is none', () => {
    expect(holdsPrivateKey('const head = "-----BEGIN PRIVATE KEY-----\\n";\nparse(head);')).toBe(false);
    expect(holdsPrivateKey('-----BEGIN CERTIFICATE-----\nMIIB'.padEnd(200, 'A'))).toBe(false);
  });

  it('an id of the machine, but not the words that stand for none', () => {
    expect(isMachineId('0123456789abcdef0123456789abcdef\n')).toBe(true);
    expect(isMachineId('')).toBe(false);
    expect(isMachineId('uninitialized\n')).toBe(false);
  });
});
