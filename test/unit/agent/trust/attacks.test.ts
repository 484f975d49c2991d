import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import {
  type Document,
  documentBytes,
  keyIdOf,
  metaOf,
  newSnapshot,
  newTargets,
  newTimestamp,
  trustLimits,
  withSignature,
} from '../../../../src/trust/index.ts';
import { rotated } from '../../../fixtures/trust-rotation.ts';
import {
  bundleOf,
  day,
  never,
  newSigner,
  type TrustWorld,
  targetOf,
  verifier,
  TrustWorld as World,
} from '../../../fixtures/trust-world.ts';

/*
 * What the attacker had, and what the device did. The device has run street 1.0.0 (release 1) and is told to run `wanted`.
 * The table of docs/trust.md is this one.
 */
interface Attack {
  readonly name: string;
  /** What the attacker had, in words. */
  readonly had: string;
  /** Prepares it; gives back what the device is told to run. */
  readonly mount: (world: TrustWorld, good: DesiredModel) => Promise<DesiredModel> | DesiredModel;
  /** Code and a part of the message of the refusal. */
  readonly refused: readonly [code: string, part: string];
}

/** What the controller's key alone can sign: timestamp, snapshot and director targets of its own making. */
function signOnline(world: TrustWorld, document: Document): Uint8Array {
  return documentBytes(withSignature(document, world.online, verifier));
}

/** A whole image or director repository, with these targets, signed by the stolen online key where it may. */
function forged(
  world: TrustWorld,
  repository: string,
  targets: Uint8Array,
  version: number,
): Map<string, Uint8Array> {
  const of = { version, expiresMs: world.clock.wallMs() + day, repository };
  const snapshot = signOnline(world, newSnapshot(of, { 'targets.json': metaOf(version, targets, verifier) }));
  const issuedMs = world.clock.wallMs();
  const timestamp = signOnline(world, newTimestamp({ ...of, issuedMs }, metaOf(version, snapshot, verifier)));
  return new Map([
    ['timestamp.json', timestamp],
    [`${version}.snapshot.json`, snapshot],
    [`${version}.targets.json`, targets],
  ]);
}

function serve(world: TrustWorld, prefix: string, files: ReadonlyMap<string, Uint8Array>): void {
  const before = world.attack;
  world.attack = (path, bytes) =>
    (path.startsWith(`${prefix}/`) ? files.get(path.slice(prefix.length + 1)) : undefined) ??
    before(path, bytes);
}

/** Above every version that the controller gives by its clock. */
const far = 4_000_000_000_000_000;
const evil = bundleOf('6.6.6', 'evil');
const evilTargets = { 'street/6.6.6': targetOf('evil') };
const directorName = 'director/cam-1';

/** The director of a controller that was broken into directs the evil model. */
function directEvil(world: TrustWorld): void {
  const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: directorName };
  serve(
    world,
    directorName,
    forged(world, directorName, signOnline(world, newTargets(of, evilTargets)), far),
  );
}

const attacks: readonly Attack[] = [
  {
    name: 'Drop requests',
    had: 'the wire',
    mount: (world, good) => {
      world.attack = () => {
        throw new Error('nothing comes');
      };
      return good;
    },
    refused: ['', 'nothing comes'],
  },
  {
    name: 'Freeze',
    had: 'the wire, and what was published eight days ago',
    mount: async (world) => {
      const files = new Map<string, Uint8Array | undefined>();
      world.attack = (path, bytes) => {
        if (!files.has(path)) files.set(path, bytes);
        return files.get(path);
      };
      await (await world.gate(world.disk())).admit(bundleOf('1.0.0'), never);
      world.clock.advance(8 * day);
      return bundleOf('1.0.0');
    },
    refused: ['trust-expired', 'expired'],
  },
  {
    name: 'Freeze of the root',
    had: 'an online key that the owners have replaced since, and the wire: he withholds the new roots',
    mount: async (world) => {
      // Everything but the root is as fresh as on the first day: targets are signed anew with each model.
      world.clock.advance(364 * day);
      const model = await world.release('2.0.0');
      world.order(model);
      const stolen = world.controller;
      await newOnlineKey(world);
      world.attack = (path) => stolen.file(path)?.bytes;
      world.clock.advance(2 * day);
      return model;
    },
    refused: ['trust-expired', 'The root expired'],
  },
  {
    name: 'Roll the metadata back',
    had: 'the wire, and older metadata that is still good',
    mount: async (world) => {
      const old = world.controller.file('image/timestamp.json')!.bytes;
      world.attack = (path, bytes) => (path === 'image/timestamp.json' ? old : bytes);
      return world.release('2.0.0').then((model) => {
        world.order(model);
        return model;
      });
    },
    refused: ['trust-refused', 'not-signed'],
  },
  {
    name: 'Roll the model back',
    had: 'the director: an older model that the owner did sign',
    mount: async (world) => {
      const older = await world.release('0.9.0', { release: 0 });
      world.order(older);
      return older;
    },
    refused: ['trust-refused', 'release-back'],
  },
  {
    name: 'Endless data: timestamp',
    had: 'the wire',
    mount: (world, good) => {
      world.attack = (path, bytes) =>
        path.endsWith('timestamp.json') ? new Uint8Array(trustLimits.timestampBytes + 1) : bytes;
      return good;
    },
    refused: ['trust-too-long', 'too long'],
  },
  {
    name: 'Endless roots',
    had: 'the wire: a root for every version that is asked for',
    mount: (world, good) => {
      const root = world.controller.file('director/cam-1/1.root.json')!.bytes;
      world.attack = (path, bytes) => (path.endsWith('.root.json') ? root : bytes);
      return good;
    },
    refused: ['trust-rollback', 'it says that it is 1'],
  },
  {
    name: 'Mix and match of files',
    had: 'the wire: the snapshot of one day with the targets of another',
    mount: async (world) => {
      const before = world.controller.file('image/timestamp.json') && world.file.targets;
      const model = await world.release('2.0.0');
      world.order(model);
      const old = documentBytes(before!);
      world.attack = (path, bytes) => (/^image\/\d+\.targets\.json$/.test(path) ? old : bytes);
      return model;
    },
    refused: ['trust-hash', 'differs from what was signed'],
  },
  {
    name: 'Mix and match of models',
    had: 'the online key: the name of one signed model with the bytes of another',
    mount: async (world) => {
      const other = await world.release('2.0.0');
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: directorName };
      const targets = signOnline(world, newTargets(of, { 'street/2.0.0': targetOf('manifest of 1.0.0') }));
      serve(world, directorName, forged(world, directorName, targets, far));
      return other;
    },
    refused: ['trust-refused', 'mix-and-match'],
  },
  {
    name: 'Another bundle under a signed name',
    had: 'the online key: signed metadata as it is, and an order with another digest',
    mount: () => ({ ...evil, version: '1.0.0' }),
    refused: ['trust-refused', 'other-bytes'],
  },
  {
    name: 'Arbitrary software, nothing stolen',
    had: 'the wire: metadata with keys of his own',
    mount: (world) => {
      const his = newSigner();
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: directorName };
      const made = documentBytes(withSignature(newTargets(of, evilTargets), his, verifier));
      const snapshot = documentBytes(
        withSignature(newSnapshot(of, { 'targets.json': metaOf(far, made, verifier) }), his, verifier),
      );
      const timestamp = newTimestamp({ ...of, issuedMs: 0 }, metaOf(far, snapshot, verifier));
      serve(
        world,
        directorName,
        new Map([['timestamp.json', documentBytes(withSignature(timestamp, his, verifier))]]),
      );
      return evil;
    },
    refused: ['trust-signature', '0 of the 1'],
  },
  {
    name: 'Director alone compromised',
    had: 'the controller with its online key',
    mount: (world) => {
      directEvil(world);
      return evil;
    },
    refused: ['trust-refused', 'not-signed'],
  },
  {
    name: 'Timestamp and snapshot keys stolen',
    had: 'the online key, which signs both repositories, and targets that he signed with it',
    mount: (world) => {
      directEvil(world);
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: 'image' };
      serve(world, 'image', forged(world, 'image', signOnline(world, newTargets(of, evilTargets)), far));
      return evil;
    },
    refused: ['trust-signature', '0 of the 2'],
  },
  {
    name: 'Root of one repository as that of the other',
    had: 'the online key: in the root of the director it signs targets, and the owners signed that root',
    mount: async (world) => {
      // Both roots are at 2: only what they say of themselves tells them apart.
      rotated(world, (same) => same);
      world.sign();
      directEvil(world);
      const director = documentBytes(world.file.director.at(-1)!);
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: 'image' };
      const files = forged(world, 'image', signOnline(world, newTargets(of, evilTargets)), far);
      serve(world, 'image', new Map([...files, ['2.root.json', director]]));
      return evil;
    },
    refused: ['trust-repository', 'director was served as one of image'],
  },
  {
    name: 'Director metadata of another device',
    had: 'the wire: what cam-2 is directed, a model that is signed',
    mount: async (world) => {
      const model = await world.release('2.0.0');
      world.order(model, 'cam-2');
      world.attack = (path, bytes) =>
        path.startsWith('director/cam-1/') && !path.endsWith('.root.json')
          ? world.controller.file(path.replace('cam-1', 'cam-2'))?.bytes
          : bytes;
      return model;
    },
    refused: ['trust-repository', 'director/cam-2'],
  },
  {
    name: 'Broker alone',
    had: 'the broker: an order for a signed model that the controller does not direct',
    mount: async (world, good) => {
      const model = await world.release('2.0.0');
      world.order(good);
      return model;
    },
    refused: ['trust-refused', 'not-directed'],
  },
  {
    name: 'One owner of three',
    had: 'everything online and one key of the owner',
    mount: (world) => {
      directEvil(world);
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: 'image' };
      const once = withSignature(newTargets(of, evilTargets), world.owners[0]!, verifier);
      serve(world, 'image', forged(world, 'image', documentBytes(once), far));
      return evil;
    },
    refused: ['trust-signature', '1 of the 2'],
  },
  {
    name: 'A key that signed twice',
    had: 'everything online and one key of the owner: its signature twice',
    mount: (world) => {
      directEvil(world);
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: 'image' };
      const once = withSignature(newTargets(of, evilTargets), world.owners[0]!, verifier);
      const twice = { ...once, signatures: [...once.signatures, ...once.signatures] };
      serve(world, 'image', forged(world, 'image', documentBytes(twice), far));
      return evil;
    },
    refused: ['trust-form', 'different key'],
  },
  {
    name: 'One key under two ids',
    had: 'everything online, and a root that names one key of the owner twice, written in two ways',
    mount: (world) => {
      const of = { version: far, expiresMs: world.clock.wallMs() + day, repository: 'image' };
      const owner = world.owners[1]!;
      const again = { ...owner.key, keyval: { public: `${owner.key.keyval.public}\n` } };
      rotated(world, (holders) => ({ ...holders, targets: { keys: [owner.key, again], threshold: 2 } }));
      world.sign();
      directEvil(world);
      const once = withSignature(newTargets(of, evilTargets), owner, verifier);
      const other = { keyid: keyIdOf(again, verifier), sig: once.signatures[0]!.sig };
      const twice = { ...once, signatures: [...once.signatures, other] };
      const files = forged(world, 'image', documentBytes(twice), far);
      serve(world, 'image', new Map([...files, ['2.root.json', documentBytes(world.file.image.at(-1)!)]]));
      serve(world, directorName, new Map([['2.root.json', documentBytes(world.file.director.at(-1)!)]]));
      return evil;
    },
    refused: ['trust-signature', '1 of the 2'],
  },
  {
    name: 'A root that its owners did not sign',
    had: 'the wire: a new root with his keys, signed by one owner and himself',
    mount: (world) => {
      const his = newSigner();
      rotated(world, (holders) => ({ ...holders, root: { keys: [his.key], threshold: 1 } }));
      world.sign([world.owners[0]!, his]);
      serve(world, directorName, new Map([['2.root.json', documentBytes(world.file.director.at(-1)!)]]));
      return evil;
    },
    refused: ['trust-signature', '1 of the 2'],
  },
  {
    name: 'Half a file',
    had: 'the wire: metadata that ends in the middle',
    mount: (world, good) => {
      world.attack = (path, bytes) => (path.endsWith('timestamp.json') ? bytes?.subarray(0, 100) : bytes);
      return good;
    },
    refused: ['trust-form', 'is not JSON'],
  },
  {
    name: 'A page of a portal',
    had: 'the wire: HTML for everything',
    mount: (world, good) => {
      world.attack = () => encodeUtf8('<html>Log in</html>');
      return good;
    },
    refused: ['trust-form', 'is not JSON'],
  },
];

/** The owners take the stolen key out of the roots: the versions that the thief had used up count no more. */
async function newOnlineKey(world: TrustWorld): Promise<void> {
  const online = newSigner();
  rotated(world, ({ root }) => ({ root, targets: root, online: online.key }));
  world.sign();
  world.controller = world.newController(online);
  await world.controller.load();
  await world.publish();
}

describe('Against a device that runs only what is signed', () => {
  it.each(attacks.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_name, { had, mount, refused: [code, part] }) => {
      const world = await World.make();
      const good = await world.release('1.0.0');
      world.order(good);
      const disk = world.disk();
      const gate = await world.gate(disk);
      await gate.admit(good, never);
      await gate.committed(good);
      const wanted = await mount(world, good);
      const refusal = await gate.admit(wanted, never).then(
        () => undefined,
        (error: unknown) => error as { readonly code?: string; readonly message: string },
      );
      expect(refusal?.message).toContain(part);
      if (code !== '') expect(refusal?.code).toBe(code);
      // No byte of it reaches an engine, now or after a restart; what served before goes on.
      if (wanted.digest === evil.digest) {
        await expect(gate.expectAdmitted(wanted)).rejects.toThrow();
        await expect((await world.gate(disk)).expectAdmitted(wanted)).rejects.toThrow();
      }
      await (await world.gate(disk)).expectAdmitted(good);
      // And when the attack is over the device is as well as before.
      world.attack = (_path, bytes) => bytes;
      world.order(good);
      if (had.includes('online')) await newOnlineKey(world);
      await gate.admit(good, never);
    },
  );
});
