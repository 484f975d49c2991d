import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { MetadataFolder } from '../../../../src/adapters/filesystem/index.ts';
import type { ReleaseKind } from '../../../../src/model/index.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import { debianArchitecture } from '../../../../src/runtime/device/updater.ts';
import { takeRelease } from '../../../../src/runtime/release/take-release.ts';
import { anchorBytes, imageRepository, MetadataClient, trustLimits } from '../../../../src/trust/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { day, TrustWorld, targetOf, verifier } from '../../../fixtures/trust-world.ts';

/* What the helper of root takes out of the agent's folder, in which whoever broke into the agent can write anything. */

const sha256 = (bytes: string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const architecture = debianArchitecture();
const name = `goshawk-agent-${architecture}`;

describe('A release that root is to install', () => {
  let world: TrustWorld;
  let folder: string;
  let tried = 0;
  const from = () => join(folder, 'agent');
  const rootFile = () => join(folder, 'root.json');
  beforeEach(async () => {
    world = await TrustWorld.make();
    folder = temporaryFolder();
    mkdirSync(join(folder, 'state'));
    writeFileSync(rootFile(), anchorBytes(world.anchor()), { mode: 0o644 });
  });

  /** The agent has fetched it; gives its digest. */
  function fetched(
    version: string,
    deb = `package ${version}`,
    of: ReleaseKind = { format: 'deb', name: 'goshawk-agent', architecture },
  ): string {
    const file = { path: 'agent.deb', digest: sha256(deb), size: deb.length };
    const text = manifestOf(version, file, of);
    const digest = sha256(text);
    const bundle = join(from(), 'releases', digest.slice(7));
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'manifest.json'), text);
    writeFileSync(join(bundle, 'agent.deb'), deb);
    return digest;
  }

  function manifestOf(
    version: string,
    file: { readonly path: string; readonly digest: string; readonly size: number },
    of: ReleaseKind,
  ): string {
    const provenance = {
      sourceDigest: file.digest,
      createdBy: 'goshawk 1',
      createdAt: '2026-11-30T00:00:00Z',
    };
    const head = { schema: 1, name, version, task: 'release', licence: 'Apache-2.0' } as const;
    return formatManifest({ ...head, package: { ...of, file }, provenance });
  }

  /** The owners sign it, and the agent fetches what they signed. */
  async function signed(version: string, digest: string, release: number): Promise<void> {
    const text = readFileSync(join(from(), 'releases', digest.slice(7), 'manifest.json'), 'utf8');
    world.setTarget(`${name}/${version}`, targetOf(text, { release }));
    world.sign();
    await world.publish();
    await refreshed();
  }

  async function refreshed(): Promise<void> {
    const store = new MetadataFolder(join(from(), 'trust/image'));
    const source = {
      fetch: async (file: string) => {
        const bytes = world.controller.file(`image/${file}`)?.bytes;
        if (bytes !== undefined && /^\d+\.root/.test(file))
          await store.write(file.replace('.json', ''), bytes);
        return bytes;
      },
    };
    const ports = { source, store, verifier, limits: trustLimits, repository: imageRepository };
    await MetadataClient.refresh(() => world.clock.wallMs(), ports, world.anchor().image);
  }

  const take = (digest: string, nowMs = world.clock.wallMs(), kind?: ReleaseKind) => {
    const out = join(folder, `out-${++tried}`);
    mkdirSync(out);
    const options = { digest, from: from(), state: join(folder, 'state'), out, rootFile: rootFile(), nowMs };
    return takeRelease(kind === undefined ? options : { ...options, kind }).then(() => out);
  };
  const code = (expected: string) => expect.objectContaining({ code: expected });

  it('is copied with its name and its number, once its owners have signed it', async () => {
    const digest = fetched('2.0.0');
    await signed('2.0.0', digest, 2);
    const out = await take(digest);
    expect(readFileSync(join(out, 'artifact'), 'utf8')).toBe('package 2.0.0');
    expect(readFileSync(join(out, 'name'), 'utf8')).toBe(`${digest} 2.0.0\n`);
    expect(readFileSync(join(out, 'release'), 'utf8')).toBe('2\n');
  });

  it('is refused where nobody signed it, or other bytes', async () => {
    await signed('2.0.0', fetched('2.0.0'), 2);
    await expect(take(fetched('3.0.0'))).rejects.toEqual(code('release-not-signed'));
    await expect(take(fetched('2.0.0', 'another package'))).rejects.toEqual(code('release-refused'));
  });

  it('is refused where its package was changed after it was fetched', async () => {
    const digest = fetched('2.0.0');
    await signed('2.0.0', digest, 2);
    const deb = join(from(), 'releases', digest.slice(7), 'agent.deb');
    writeFileSync(deb, 'package 6.6.6');
    await expect(take(digest)).rejects.toEqual(code('release-digest'));
    writeFileSync(deb, 'a package that is longer than what is signed');
    await expect(take(digest)).rejects.toEqual(code('release-file'));
    rmSync(deb);
    symlinkSync('/etc/hostname', deb);
    await expect(take(digest)).rejects.toMatchObject({ message: expect.stringContaining('agent.deb') });
  });

  it('is refused below what has worked here, though it is still signed', async () => {
    const old = fetched('1.0.0');
    await signed('1.0.0', old, 1);
    writeFileSync(join(folder, 'state/floor'), '2\n');
    await expect(take(old)).rejects.toEqual(code('release-refused'));
    writeFileSync(join(folder, 'state/floor'), 'much\n');
    await expect(take(old)).rejects.toEqual(code('release-floor'));
  });

  it('is refused with signatures of before, once newer ones were seen', async () => {
    const digest = fetched('2.0.0');
    await signed('2.0.0', digest, 2);
    const before = new Map(
      ['timestamp', 'snapshot', 'targets'].map((role) => [
        role,
        readFileSync(join(from(), 'trust/image', `${role}.json`)),
      ]),
    );
    world.setTarget(`${name}/2.0.0`, targetOf('withdrawn', { release: 2, revoked: true }));
    world.sign();
    await world.publish();
    await refreshed();
    await expect(take(digest)).rejects.toEqual(code('release-refused'));
    for (const [role, bytes] of before) writeFileSync(join(from(), 'trust/image', `${role}.json`), bytes);
    await expect(take(digest)).rejects.toMatchObject({ code: expect.stringMatching(/^trust-/) });
  });

  it('is refused with signatures that have ended', async () => {
    const digest = fetched('2.0.0');
    await signed('2.0.0', digest, 2);
    await expect(take(digest, world.clock.wallMs() + 400 * day)).rejects.toMatchObject({
      code: 'trust-expired',
    });
  });

  it('is refused without a root that root alone can write', async () => {
    const digest = fetched('2.0.0');
    await signed('2.0.0', digest, 2);
    chmodSync(rootFile(), 0o666);
    await expect(take(digest)).rejects.toEqual(code('release-root-owner'));
    rmSync(rootFile());
    await expect(take(digest)).rejects.toEqual(code('release-no-root'));
  });

  it('is refused where it is for another machine, or a model', async () => {
    const other = fetched('2.0.0', 'x', { format: 'deb', name: 'goshawk-agent', architecture: 'riscv64' });
    await expect(take(other)).rejects.toEqual(code('release-other-machine'));
    const board: ReleaseKind = { format: 'rauc', name: 'goshawk-generic-amd64' };
    const system = fetched('2.1.0', 'a system', board);
    await signed('2.1.0', system, 2);
    await expect(take(system)).rejects.toEqual(code('release-other-machine'));
    const out = await take(system, undefined, board);
    expect(readFileSync(join(out, 'artifact'), 'utf8')).toBe('a system');
    await expect(take(fetched('2.0.0'), undefined, board)).rejects.toEqual(code('release-other-machine'));
    const model = join(import.meta.dirname, '../../../../models/street/manifest.json');
    const digest = sha256(readFileSync(model, 'utf8'));
    mkdirSync(join(from(), 'releases', digest.slice(7)), { recursive: true });
    writeFileSync(join(from(), 'releases', digest.slice(7), 'manifest.json'), readFileSync(model));
    await expect(take(digest)).rejects.toEqual(code('release-not'));
    await expect(take('sha256:../../x')).rejects.toEqual(code('digest-form'));
  });
});
