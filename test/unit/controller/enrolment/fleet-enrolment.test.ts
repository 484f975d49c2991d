import { describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/index.ts';
import type { NewClaim } from '../../../../src/api/index.ts';
import { AuditLog } from '../../../../src/controller/audit/audit-log.ts';
import { CommandExecutor } from '../../../../src/controller/audit/command-executor.ts';
import { FleetEnrolment } from '../../../../src/controller/enrolment/fleet-enrolment.ts';
import {
  type Caller,
  type CertificateAuthority,
  FleetController,
  type SigningRequest,
} from '../../../../src/controller/index.ts';
import type { BoardFacts, Message } from '../../../../src/protocol/index.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { fakeArtifacts } from '../../../fakes/fake-artifacts.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../../../fakes/fake-transport.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const admin: Caller = { tokenId: 't0', name: 'test', role: 'admin' };
const day = 86_400_000;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Signs when it is let; a request is its own JSON. */
class SlowAuthority implements CertificateAuthority {
  readonly rootHash = 'root';
  readonly chain = [];
  readonly endsMs = Number.MAX_SAFE_INTEGER;
  /** What waits for the signature. */
  readonly signing: (() => void)[] = [];
  waits = false;
  #serial = 0;

  read(csr: Uint8Array) {
    return Promise.resolve({ ...JSON.parse(new TextDecoder().decode(csr)), der: csr } as SigningRequest);
  }

  async issue(_: SigningRequest, terms: { notBeforeMs: number; notAfterMs: number }) {
    this.#serial += 1;
    const serial = `0${this.#serial}`;
    if (this.waits) await new Promise<void>((resolve) => this.signing.push(resolve));
    return { der: bytesOf(serial), serial, fingerprint: `f${serial}`, ...terms };
  }

  revocationList(revoked: readonly { serial: string }[]) {
    return Promise.resolve(revoked.map(({ serial }) => serial).join());
  }

  certsOnly() {
    return new Uint8Array();
  }
}

/** Enrolment over memory, with a broker whose disk may be full. */
class World {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly store = new FakeStore();
  readonly authority = new SlowAuthority();
  readonly lists: string[] = [];
  readonly ended: string[] = [];
  readonly saidGone: string[] = [];
  /** Devices that were born. */
  readonly born = new Set<string>();
  isDiskFull = false;
  ends: 'ended' | 'elsewhere' | 'not' = 'ended';
  readonly enrolment: FleetEnrolment;

  constructor() {
    const { clock, log, store, authority } = this;
    this.enrolment = new FleetEnrolment({
      ...{ clock, log, secrets: nodeSecrets, trust: undefined, bus: eventBus(clock) },
      registry: { get: (id: string) => (this.born.has(id) ? { birth: { session: 1 } } : undefined) } as never,
      transport: {
        publish: async ({ topic }: Message) => void this.saidGone.push(topic.split('/')[2]!),
      } as never,
      commands: new CommandExecutor(store, new AuditLog({ store, clock, log })),
      events: { tell: () => {} } as never,
      setup: {
        ...{ authority, host: () => 'here', broker: { url: 'mqtts://broker' } },
        terms: { certificateMs: 90 * day, lateMs: 60 * day },
        target: {
          publish: async (list) => {
            if (this.isDiskFull) throw new Error('no space left');
            this.lists.push(list);
          },
          disconnect: async (device) => {
            if (this.ends === 'not') throw new Error('the broker does not answer');
            if (this.ends === 'ended') this.ended.push(device);
            return this.ends;
          },
        },
      },
    });
  }

  async claim(request: Partial<NewClaim> = {}): Promise<string> {
    return (await this.enrolment.claims.create(admin, { name: 'test', ...request })).id;
  }

  ask(
    claim: string,
    device: string,
    { key = 'k1', board, facts }: { key?: string; board?: string; facts?: BoardFacts } = {},
  ) {
    const csr = bytesOf(JSON.stringify({ device, key, ...(board === undefined ? {} : { board }) }));
    return this.enrolment.enrolments.enrol(claim, {
      ...{ csr, address: '10.0.0.7' },
      ...(facts === undefined ? {} : { facts }),
    });
  }

  renew(device: string, fingerprint: string) {
    const csr = bytesOf(JSON.stringify({ device, key: 'k1' }));
    return this.enrolment.enrolments.renew(fingerprint, { csr, address: '10.0.0.7' });
  }

  revoke(device: string) {
    return this.enrolment.revocations.revoke(admin, device, {});
  }

  waiting() {
    return this.enrolment.enrolments.list().enrolments;
  }

  idOf(device: string): string {
    return this.waiting().find((one) => one.device === device)?.id ?? '';
  }

  certificates() {
    return this.enrolment.revocations.list({}).certificates;
  }

  /** The next signature is asked for, and waits. */
  async signing(): Promise<void> {
    await expect.poll(() => this.authority.signing.length, { interval: 1, timeout: 30_000 }).toBe(1);
  }

  sign(): void {
    this.authority.waits = false;
    for (const go of this.authority.signing.splice(0)) go();
  }
}

describe('A device that waits for a person', () => {
  it.each([
    ['name', { device: 'truck-7' }],
    ['board', { device: 'cam-new', board: 'SN 2' }],
  ])('and requests another %s is not covered by the earlier approval', async (_, { device, ...board }) => {
    const world = new World();
    const claim = await world.claim({ rule: 'manual' });
    await world.ask(claim, 'cam-new', { board: 'SN 1' });
    const seen = world.idOf('cam-new');
    await world.ask(claim, device, board);
    await expect(world.enrolment.enrolments.approve(admin, seen)).rejects.toMatchObject({
      code: 'enrolment-unknown',
    });
    expect(world.certificates()).toEqual([]);
    // It waits once, as what it asked last.
    expect(world.waiting()).toMatchObject([{ device }]);
    expect(await world.enrolment.enrolments.approve(admin, world.idOf(device))).toMatchObject({ device });
  });

  it('and reports other facts of its board is not covered by the earlier approval', async () => {
    const world = new World();
    const claim = await world.claim({ rule: 'manual' });
    const [versions, hardware] = [{ board: 'orin', arch: 'arm64', agentVersion: '1.0.0' }, 'a'.repeat(64)];
    const facts = { ...versions, hardware };
    await world.ask(claim, 'cam-new', { facts });
    const seen = world.idOf('cam-new');
    await world.ask(claim, 'cam-new', { facts: { hardware, ...versions } });
    expect(world.idOf('cam-new')).toBe(seen);
    await world.ask(claim, 'cam-new', { facts: { ...facts, hardware: 'b'.repeat(64) } });
    await expect(world.enrolment.enrolments.approve(admin, seen)).rejects.toMatchObject({
      code: 'enrolment-unknown',
    });
  });

  it('and asks for the same again keeps its id', async () => {
    const world = new World();
    const claim = await world.claim({ rule: 'manual' });
    await world.ask(claim, 'cam-new');
    const [first] = world.waiting();
    world.clock.advance(30_000);
    await world.ask(claim, 'cam-new');
    expect(world.waiting()).toMatchObject([{ id: first?.id, firstMs: first?.firstMs }]);
  });

  it('and was rejected stays so under every name', async () => {
    const world = new World();
    const claim = await world.claim({ rule: 'manual' });
    await world.ask(claim, 'cam-new');
    await world.enrolment.enrolments.reject(admin, world.idOf('cam-new'));
    await expect(world.ask(claim, 'truck-7')).rejects.toMatchObject({ code: 'enrolment-rejected' });
  });
});

describe('While a certificate is signed', () => {
  it('its claim may be withdrawn: no device is enrolled, and the claim stays withdrawn', async () => {
    const world = new World();
    const claim = await world.claim({ count: 5 });
    world.authority.waits = true;
    const asked = world.ask(claim, 'cam-1');
    await world.signing();
    await world.enrolment.claims.withdraw(admin, claim);
    world.sign();
    await expect(asked).rejects.toMatchObject({ code: 'claim-withdrawn' });
    expect(world.certificates()).toEqual([]);
    expect(world.enrolment.claims.list().claims).toMatchObject([
      { used: 0, withdrawnMs: expect.any(Number) },
    ]);
    const stored = await world.store.load({ warningsMs: 0, incidentsMs: 0 });
    expect(stored.claims).toMatchObject([{ used: 0, withdrawnMs: expect.any(Number) }]);
    await expect(world.ask(claim, 'cam-2')).rejects.toMatchObject({ code: 'claim-withdrawn' });
  });

  it('its device may be revoked: the renewal gives nothing', async () => {
    const world = new World();
    const claim = await world.claim();
    await world.ask(claim, 'truck-7');
    world.authority.waits = true;
    const renewed = world.renew('truck-7', 'f01');
    await world.signing();
    expect(await world.revoke('truck-7')).toEqual({ revoked: 1, broker: 'told' });
    world.sign();
    await expect(renewed).rejects.toMatchObject({ code: 'certificate-revoked' });
    expect(world.certificates()).toMatchObject([{ revokedMs: expect.any(Number) }]);
    expect(world.ended).toEqual(['truck-7']);
  });

  it('of a device that was approved again can be withdrawn: then a person must approve it again', async () => {
    const world = new World();
    const claim = await world.claim({ count: 5 });
    await world.ask(claim, 'truck-7');
    await world.ask(claim, 'truck-7', { key: 'k2' });
    world.authority.waits = true;
    const approved = world.enrolment.enrolments.approve(admin, world.idOf('truck-7'));
    await world.signing();
    await world.revoke('truck-7');
    world.sign();
    await expect(approved).rejects.toMatchObject({ code: 'enrolment-changed' });
    expect(world.waiting()).toMatchObject([{ device: 'truck-7', state: 'pending' }]);
  });

  it('a person may refuse it after all', async () => {
    const world = new World();
    const claim = await world.claim({ rule: 'manual' });
    await world.ask(claim, 'cam-1');
    world.authority.waits = true;
    const approved = world.enrolment.enrolments.approve(admin, world.idOf('cam-1'));
    await world.signing();
    await world.enrolment.enrolments.reject(admin, world.idOf('cam-1'));
    world.sign();
    await expect(approved).rejects.toMatchObject({ code: 'enrolment-unknown' });
    expect(world.certificates()).toEqual([]);
  });
});

describe('A device that is revoked', () => {
  const enrolled = async () => {
    const world = new World();
    await world.ask(await world.claim(), 'truck-7');
    world.born.add('truck-7');
    return world;
  };

  it('is put out of the broker at once, and again when it slips in before the list is read', async () => {
    const world = await enrolled();
    expect(await world.revoke('truck-7')).toEqual({ revoked: 1, broker: 'told' });
    expect([world.lists, world.ended, world.saidGone]).toEqual([['01'], ['truck-7'], ['truck-7']]);
    world.clock.advance(40_000);
    await settle();
    expect(world.ended).toHaveLength(4);
  });

  it('is not said to be out where the broker is looked after elsewhere', async () => {
    const world = await enrolled();
    world.ends = 'elsewhere';
    expect(await world.revoke('truck-7')).toEqual({ revoked: 1, broker: 'elsewhere' });
    expect(world.saidGone).toEqual([]);
  });

  it('is not said to be out where the broker does not answer; given again, the order tells how it stands', async () => {
    const world = await enrolled();
    world.ends = 'not';
    expect(await world.revoke('truck-7')).toEqual({ revoked: 1, broker: 'failed' });
    world.ends = 'ended';
    expect(await world.revoke('truck-7')).toEqual({ revoked: 0, broker: 'told' });
  });

  it('and comes back by a list that could not be written is put out as soon as it can', async () => {
    const world = await enrolled();
    world.isDiskFull = true;
    expect(await world.revoke('truck-7')).toEqual({ revoked: 1, broker: 'failed' });
    world.clock.advance(40_000);
    await settle();
    const before = world.ended.length;
    await world.enrolment.revocations.publishAgain();
    expect(world.lists).toEqual([]);
    world.isDiskFull = false;
    await world.enrolment.revocations.publishAgain();
    expect([world.lists, world.ended.length]).toEqual([['01'], before + 1]);
    // And from then on nothing is left to do.
    await world.enrolment.revocations.publishAgain();
    expect(world.lists).toHaveLength(1);
  });

  it('stands in a list that a controller tries again every minute', async () => {
    const clock = new FakeClock();
    const [log, lists] = [new RecordingLog(), [] as string[]];
    let isDiskFull = true;
    const controller = new FleetController({
      ...{ clock, log, store: new FakeStore(), artifacts: fakeArtifacts(), secrets: nodeSecrets },
      transport: new FakeTransport(new FakeBroker(clock), 'controller'),
      enrolment: {
        ...{ authority: new SlowAuthority(), host: () => 'here', broker: { url: 'mqtts://broker' } },
        terms: { certificateMs: 90 * day, lateMs: 60 * day },
        target: {
          publish: async (list) => {
            if (isDiskFull) throw new Error('no space left');
            lists.push(list);
          },
          disconnect: async () => 'ended',
        },
      },
    });
    await controller.start();
    isDiskFull = false;
    await clock.pass(59_000);
    expect(lists).toEqual([]);
    await clock.pass(1_000);
    expect(lists).toEqual(['']);
    const closing = controller.close();
    await clock.pass(0);
    await closing;
  });
});
