import { beforeEach, describe, expect, it, vi } from 'vitest';
import { trustLimits } from '../../../src/trust/index.ts';
import { bareMeta, SignedRepository } from '../../fixtures/signed-repository.ts';
import { beganMs, day, newSigner, targetOf } from '../../fixtures/trust-world.ts';

const wanted = { 'street/1.0.0': targetOf('a manifest') };
const refused = (code: string, part = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(part) });

let repository: SignedRepository;
beforeEach(() => {
  repository = new SignedRepository();
});

describe('A fetch of metadata', () => {
  it('stops at a limit for every file', async () => {
    repository.publish({ targets: repository.targets(wanted) }, 1, bareMeta);
    await repository.refresh();
    expect(Object.fromEntries(repository.asked)).toEqual({
      '2.root.json': trustLimits.rootBytes,
      'timestamp.json': trustLimits.timestampBytes,
      '1.snapshot.json': trustLimits.snapshotBytes,
      '1.targets.json': trustLimits.targetsBytes,
    });
  });

  it('is limited to the signed length if there is one', async () => {
    const targets = repository.targets(wanted);
    repository.publish({ targets });
    await repository.refresh();
    expect(repository.asked.get('1.targets.json')).toBe(targets.byteLength);
    expect(repository.asked.get('1.snapshot.json')).toBe(repository.files.get('1.snapshot.json')?.byteLength);
  });

  it('takes a limited number of new roots at a time, and the rest the next time', async () => {
    repository.publish({ targets: repository.targets(wanted) });
    for (let version = 2; version <= 6; version++)
      repository.files.set(`${version}.root.json`, repository.newRoot(version));
    expect((await repository.refresh({ rootRotations: 3 })).trusted.root.version).toBe(4);
    expect((await repository.refresh({ rootRotations: 3 })).trusted.root.version).toBe(6);
  });
});

describe('Metadata on the disk', () => {
  it('counts: an older timestamp is also refused after a restart', async () => {
    repository.publish({ targets: repository.targets(wanted) }, 2);
    const old = repository.files.get('timestamp.json')!;
    repository.publish({ targets: repository.targets(wanted) }, 3);
    await repository.refresh();
    repository.files.set('timestamp.json', old);
    await expect(repository.refresh()).rejects.toEqual(refused('trust-rollback', 'version 2 after 3'));
  });

  it('counts: a newer snapshot with older targets is also refused after a restart', async () => {
    repository.publish({ targets: repository.targets(wanted, [], 5) }, 1);
    await repository.refresh();
    repository.publish({ targets: repository.targets(wanted, [], 4) }, 2);
    await expect(repository.refresh()).rejects.toEqual(refused('trust-rollback', 'targets.json 4 after 5'));
  });

  it('is fetched again if its own keys did not sign it', async () => {
    repository.publish({ targets: repository.targets(wanted) });
    await repository.refresh();
    const stranger = new SignedRepository();
    stranger.publish({ targets: stranger.targets({}) }, 9);
    await repository.store.write('timestamp', stranger.files.get('timestamp.json')!);
    await repository.store.write('snapshot', stranger.files.get('9.snapshot.json')!);
    await repository.store.write('targets', stranger.files.get('1.targets.json')!);
    expect(await (await repository.refresh()).target('street/1.0.0')).toBeDefined();
  });
});

describe('Delegations', () => {
  const chain = (length: number) => {
    const roles: Record<string, Uint8Array> = {
      targets: repository.targets({}, [{ name: 'r1', paths: ['street/*'] }]),
    };
    for (let at = 1; at <= length; at++)
      roles[`r${at}`] =
        at === length
          ? repository.targets(wanted)
          : repository.targets({}, [{ name: `r${at + 1}`, paths: ['street/*'] }]);
    repository.publish(roles);
  };

  it('lead to a target, as far as they are followed', async () => {
    chain(5);
    expect(await (await repository.refresh()).target('street/1.0.0')).toBeDefined();
    expect(await (await repository.refresh({ delegations: 4 })).target('street/1.0.0')).toBeUndefined();
  });

  it('are for their paths: a role has no say on other paths', async () => {
    repository.publish({
      targets: repository.targets({}, [{ name: 'trucks', paths: ['truck/*'] }]),
      trucks: repository.targets(wanted),
    });
    expect(await (await repository.refresh()).target('street/1.0.0')).toBeUndefined();
    expect(repository.asked.has('1.trucks.json')).toBe(false);
  });

  it('end where one is terminating, though a later one has the target', async () => {
    const roles = (terminating: boolean) => ({
      targets: repository.targets({}, [
        { name: 'first', paths: ['street/*'], terminating },
        { name: 'second', paths: ['street/*'] },
      ]),
      first: repository.targets({}),
      second: repository.targets(wanted),
    });
    repository.publish(roles(false));
    expect(await (await repository.refresh()).target('street/1.0.0')).toBeDefined();
    repository = new SignedRepository();
    repository.publish(roles(true));
    expect(await (await repository.refresh()).target('street/1.0.0')).toBeUndefined();
  });

  it('in a circle are followed once', async () => {
    repository.publish({
      targets: repository.targets({}, [{ name: 'a', paths: ['street/*'] }]),
      a: repository.targets({}, [{ name: 'b', paths: ['street/*'] }]),
      b: repository.targets({}, [{ name: 'a', paths: ['street/*'] }]),
    });
    const client = await repository.refresh();
    const { trusted } = client;
    const role = trusted.role.bind(trusted);
    // One that is followed for ever leaves no time to the runner of the tests.
    const looks = vi.spyOn(trusted, 'role').mockImplementation((name) => {
      if (looks.mock.calls.length > 100) throw new RangeError('A circle is followed for ever.');
      return role(name);
    });
    expect(await client.target('street/1.0.0')).toBeUndefined();
    expect(looks).toHaveBeenCalled();
  });

  it('ask for the keys that the delegator names', async () => {
    const other = newSigner();
    repository.publish({
      targets: repository.targets({}, [{ name: 'a', paths: ['street/*'], key: other }]),
      a: repository.targets(wanted),
    });
    await expect((await repository.refresh()).target('street/1.0.0')).rejects.toEqual(
      refused('trust-signature', '0 of the 1'),
    );
  });

  it('of two to the same role ask for the keys of both', async () => {
    const other = newSigner();
    repository.publish({
      targets: repository.targets({}, [
        { name: 'a', paths: ['truck/*'] },
        { name: 'b', paths: ['street/*'] },
      ]),
      a: repository.targets({}),
      // It was taken for `targets`, which asks for the repository's key; `b` asks for another.
      b: repository.targets({}, [{ name: 'a', paths: ['street/*'], key: other }]),
    });
    const client = await repository.refresh();
    expect(await client.target('truck/1.0.0')).toBeUndefined();
    await expect(client.target('street/1.0.0')).rejects.toEqual(refused('trust-signature', '0 of the 1'));
  });
});

describe('Expired metadata', () => {
  const late = beganMs + day;
  it.each(['root', 'timestamp', 'snapshot', 'targets'] as const)('is refused: %s', async (expired) => {
    repository.publish({ targets: repository.targets(wanted) });
    // Everything is signed anew but for one.
    const fresh = new SignedRepository();
    Object.assign(fresh, { key: repository.key });
    fresh.of = (version: number) => ({ version, expiresMs: late + day, repository: 'r' });
    const of = expired === 'targets' ? repository : fresh;
    const targets = of.targets(wanted);
    const snapshots = expired === 'snapshot' ? repository : fresh;
    snapshots.publish({ targets }, 1, bareMeta);
    const timestamps = expired === 'timestamp' ? repository : fresh;
    timestamps.publish({ targets }, 1, bareMeta);
    repository.root = repository.newRoot(1, expired === 'root' ? late : late + day);
    repository.files.set('timestamp.json', timestamps.files.get('timestamp.json')!);
    repository.files.set('1.snapshot.json', snapshots.files.get('1.snapshot.json')!);
    repository.files.set('1.targets.json', targets);
    await expect(repository.refresh({}, late)).rejects.toEqual(refused('trust-expired', expired));
    await repository.refresh({}, late - 1);
  });

  it('is refused if the same timestamp comes again', async () => {
    repository.root = repository.newRoot(1, late + day);
    repository.publish({ targets: repository.targets(wanted) });
    await repository.refresh();
    await expect(repository.refresh({}, late)).rejects.toEqual(refused('trust-expired', 'timestamp'));
  });
});
