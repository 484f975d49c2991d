import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildImageOptions, checkOptions, sshKeysIn } from '../../../../src/workbench/image/options.ts';

describe('Roots in an image', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-image-options-'));
    for (const name of ['agent_amd64.deb', 'root.json', 'claim.token']) writeFileSync(join(folder, name), '');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const check = (more: Partial<BuildImageOptions>) =>
    checkOptions({
      ...{ board: 'generic-amd64', out: 'x.img', agent: join(folder, 'agent_amd64.deb'), release: 'trixie' },
      ...{
        components: [],
        mirror: [],
        aptOption: [],
        package: [],
        ntp: [],
        slotMegabytes: 1536,
        work: folder,
      },
      ...more,
    });

  it('have to be given', () => {
    expect(() => check({})).toThrow(/no roots of the fleet/);
    expect(check({ trust: join(folder, 'root.json') }).name).toBe('generic-amd64');
  });

  it('are not made up for by a claim: whoever answers it would choose them', () => {
    expect(() => check({ claim: join(folder, 'claim.token') })).toThrow(/no roots of the fleet/);
  });

  it('count for nothing where the settings say insecure, so that is refused', () => {
    const settings = join(folder, 'agent.json');
    const trust = join(folder, 'root.json');
    writeFileSync(settings, JSON.stringify({ trust: { mode: 'insecure' } }));
    expect(() => check({ trust, settings })).toThrow(/in spite of --trust/);
    expect(check({ insecure: true, settings }).name).toBe('generic-amd64');
    writeFileSync(settings, JSON.stringify({ device: 'a' }));
    expect(check({ trust, settings }).name).toBe('generic-amd64');
  });

  it('come with a version that a release can have', () => {
    expect(check({ insecure: true, imageVersion: '0.2.0+2026-12' }).name).toBe('generic-amd64');
    expect(() => check({ insecure: true, imageVersion: 'of today' })).toThrow(/cannot be the version/);
  });

  it('may be left out on purpose, and not together with them', () => {
    expect(check({ insecure: true }).name).toBe('generic-amd64');
    expect(() => check({ insecure: true, trust: join(folder, 'root.json') })).toThrow(/exclude/);
  });
});

describe('The way in for the owner of an image', () => {
  it('is closed by default, and opened by a public key alone', () => {
    expect(sshKeysIn({})).toEqual([]);
    const file = join(mkdtempSync(join(tmpdir(), 'goshawk-ssh-')), 'id.pub');
    writeFileSync(
      file,
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f anna\n',
    );
    expect(sshKeysIn({ sshKey: file })).toMatchObject([{ type: 'ssh-ed25519', comment: 'anna' }]);
    writeFileSync(file, '-----BEGIN OPENSSH PRIVATE KEY-----\n');
    expect(() => sshKeysIn({ sshKey: file })).toThrow(/private key/);
  });
});
