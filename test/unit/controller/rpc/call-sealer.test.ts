import { beforeEach, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/index.ts';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import type { Device } from '../../../../src/controller/index.ts';
import { compareAnsweredCalls } from '../../../../src/controller/rpc/answered-calls.ts';
import { CallSealer } from '../../../../src/controller/rpc/call-sealer.ts';
import {
  callType,
  keyIdOf,
  openSignedPayload,
  parseCall,
  parseSignedPayload,
} from '../../../../src/trust/index.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { MemoryMetadata } from '../../../fakes/memory-metadata.ts';
import { newSigner, verifier } from '../../../fixtures/trust-world.ts';

const signer = newSigner();
const keyId = keyIdOf(signer.key, verifier);
const request = encodeUtf8('{"camera":"front"}');

describe('A controller that signs its calls', () => {
  let clock: FakeClock;
  let store: MemoryMetadata;
  let fleet: { signed: boolean };
  let sessions: Map<string, number>;
  let sealer: CallSealer;
  beforeEach(async () => {
    clock = new FakeClock(1_790_000_000_000);
    store = new MemoryMetadata();
    fleet = { signed: true };
    sessions = new Map([['cam-1', 4]]);
    sealer = await newSealer();
  });

  async function newSealer(): Promise<CallSealer> {
    const get = (id: string) => {
      const session = sessions.get(id);
      return session === undefined ? undefined : ({ birth: { session } } as unknown as Device);
    };
    const made = new CallSealer({
      ...{ trust: { signer, verifier, store }, fleet, registry: { get }, secrets: nodeSecrets, clock },
    });
    await made.load();
    return made;
  }
  function opened(payload: Uint8Array) {
    const envelope = parseSignedPayload(payload)!;
    const role = { keyIds: new Set([keyId]), threshold: 1 };
    const keys = new Map([[keyId, signer.key]]);
    return parseCall(openSignedPayload(envelope, callType, role as never, keys, verifier));
  }
  const sealed = (of: CallSealer = sealer, device = 'cam-1') =>
    opened(of.seal(device, 'preview', request, 10_000)!.payload);

  it('says in them of whom, for which life, and for how long of its own run', async () => {
    const first = sealed();
    clock.advance(2_500);
    const second = sealed();
    expect(first).toEqual({
      ...{ device: 'cam-1', method: 'preview', session: 4, request: '{"camera":"front"}' },
      ...{ id: expect.stringMatching(/^\d+\.0\.[0-9a-f]{32}$/), sentMs: 0, expiresMs: 10_000 },
    });
    expect(second).toMatchObject({ sentMs: 2_500, expiresMs: 12_500 });
    expect(second.id).not.toBe(first.id);
    expect('session' in sealed(sealer, 'cam-9')).toBe(false);
    fleet.signed = false;
    expect(sealer.seal('cam-1', 'preview', request, 10_000)).toBeUndefined();
  });

  const runOf = ({ id }: { readonly id: string }) => Number(id.split('.')[0]);

  it.each<[what: string, happen: () => Promise<void> | void]>([
    [
      'a start',
      async () => {
        sealer = await newSealer();
      },
    ],
    [
      'a start with a clock that went back',
      async () => {
        clock.jumpWall(-100_000_000);
        sealer = await newSealer();
      },
    ],
    ['a sleep, which the clock that cannot be set does not see', () => clock.jumpWall(3_600_000)],
    ['a clock that is set back', () => clock.jumpWall(-3_600_000)],
    ['a device by whose clock a call was over', () => sealer.renew('cam-1', clock.monotonicMs())],
  ])('begins a later run after %s', async (_, happen) => {
    const before = sealed();
    clock.advance(5_000);
    await happen();
    const after = sealed();
    expect(runOf(after)).toBeGreaterThan(runOf(before));
    expect(after.sentMs).toBe(0);
  });

  it('begins one run for calls that fail together', () => {
    sealed();
    clock.advance(1_000);
    const askedMs = clock.monotonicMs();
    clock.advance(1_000);
    sealer.renew('cam-1', askedMs);
    const first = runOf(sealed());
    sealer.renew('cam-1', askedMs);
    expect(runOf(sealed())).toBe(first);
    expect(runOf(sealed(sealer, 'cam-2'))).toBeLessThan(first);
  });

  it('knows its calls again, also of an earlier life, and no other ones', async () => {
    const { id } = sealed();
    const next = await newSealer();
    expect(next.made('cam-1', 'preview', id)).toBe(true);
    expect(next.made('cam-2', 'preview', id)).toBe(false);
    expect(next.made('cam-1', 'frames', id)).toBe(false);
    for (const other of ['', '1.2', id.replace(/^\d+/, '9'), `${id}0`, id.slice(0, -1), `${'1'.repeat(100)}`])
      expect(next.made('cam-1', 'preview', other)).toBe(false);
    store = new MemoryMetadata();
    expect((await newSealer()).made('cam-1', 'preview', id)).toBe(false);
  });

  it('tells which calls a device answered that it never made', () => {
    const bus = eventBus(clock);
    const told: { device: string; kind: string; data?: unknown }[] = [];
    const events = { tell: (device: string, event: object) => void told.push({ device, ...event } as never) };
    compareAnsweredCalls({ sealer, events, bus });
    const { id } = sealed();
    const event = (data: unknown, kind = 'calls.answered') => ({ device: 'cam-1', kind, data });
    const commit = (...all: object[]) =>
      bus.emit('committed', { events: all, duplicateBatches: 0, repeatedSessions: [], acks: [] } as never);
    commit(event({ calls: [{ method: 'preview', id }] }), event({ calls: [{}] }, 'camera.lost'));
    expect(told).toEqual([]);
    commit(event({ calls: [{ method: 'preview', id }, { method: 'frames', id }, null] }), event(undefined));
    expect(told).toMatchObject([
      { device: 'cam-1', kind: 'device.calls-unknown', data: { calls: 2, methods: ['frames', 'undefined'] } },
    ]);
  });
});
