import { beforeEach, describe, expect, test } from 'vitest';
import { nodeSecrets, nodeSumCrypto } from '../../../../src/adapters/crypto/index.ts';
import { SumMember } from '../../../../src/agent/index.ts';
import { MissingError, silentLog } from '../../../../src/base/index.ts';
import type { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SumRounds } from '../../../../src/controller/profiles/sum-rounds.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { digest, slot } from '../../../fakes/test-fleet.ts';

type Answer = { vector: string } | 'silent';
const ids = ['d0', 'd1', 'd2', 'd3', 'd4'];
const silent = () => new MissingError('device-silent', 'It did not answer.', 'Look.');

let clock: FakeClock;
let members: Map<string, SumMember>;
/** What becomes of the answers of a device. */
let spoil: Map<string, (honest: { vector: string }, round: number) => Answer>;
let asked: number;
/** What a device says in place of its key. */
let keys: Map<string, (honest: string) => string>;
let sums: SumRounds;

beforeEach(() => {
  clock = new FakeClock();
  const devices = ids.map((id) => ({ id, online: true, reported: { slots: { main: slot() } } }));
  const registry = {
    devices: () => devices,
    get: (id: string) => devices.find((one) => one.id === id),
  } as unknown as DeviceRegistry;
  members = new Map();
  spoil = new Map();
  keys = new Map();
  asked = 0;
  for (const [at, id] of ids.entries()) {
    const member = new SumMember({ device: id, clock, keys: nodeSumCrypto, leastDevices: 3 });
    for (let n = 0; n <= at; n++)
      member.add({ detections: [{ label: n % 2 === 0 ? 'car' : 'person', score: 0.7 }] } as never);
    members.set(id, member);
  }
  clock.jumpWall(3_600_000);
  let rounds = 0;
  sums = new SumRounds({
    ...{ registry, clock, log: silentLog },
    models: { labelsOf: (of) => (of === digest ? ['car', 'person'] : undefined) },
    secrets: {
      agreesWith: nodeSecrets.agreesWith,
      randomBytes: (count) => new Uint8Array(count).fill(rounds++),
    },
    rpc: {
      call: async (device: string, method: string, request: never): Promise<never> => {
        const member = members.get(device);
        if (member === undefined) throw silent();
        if (method === 'join-sum') {
          const joined = member.join(request);
          return { ...joined, key: keys.get(device)?.(joined.key) ?? joined.key } as never;
        }
        asked += 1;
        const honest = member.masked(request);
        const answer = spoil.get(device)?.(honest, rounds) ?? honest;
        if (answer === 'silent') throw silent();
        return answer as never;
      },
    },
  });
});

describe('A sum of what devices counted', () => {
  test('is of all that take part, those that are silent at the beginning left out', async () => {
    members.delete('d4');
    expect(await sums.sum({})).toMatchObject({
      ...{ devices: 4, rounds: 1, lost: [], unfit: [], labels: { car: 1 + 1 + 2 + 2, person: 1 + 1 + 2 } },
    });
  });

  test('is asked again, with new keys, without the one that was lost on the way', async () => {
    spoil.set('d1', () => 'silent');
    expect(await sums.sum({})).toMatchObject({
      ...{ devices: 4, rounds: 2, lost: ['d1'], labels: { car: 1 + 2 + 2 + 3, person: 1 + 2 + 2 } },
    });
    expect(asked).toBe(9);
  });

  test.each<[string, (honest: { vector: string }) => Answer]>([
    ['too short', () => ({ vector: 'AAAA' })],
    ['no base64', () => ({ vector: '!!' })],
    ['too long', ({ vector }) => ({ vector: vector + vector })],
  ])('leaves out a member whose vector is %s', async (_, change) => {
    spoil.set('d0', change);
    expect(await sums.sum({})).toMatchObject({ devices: 4, rounds: 2, lost: ['d0'] });
  });

  test('is none where a member makes numbers up, or sends those of another round again', async () => {
    spoil.set('d2', ({ vector }) => ({
      vector: Buffer.alloc(Buffer.from(vector, 'base64').length, 7).toString('base64'),
    }));
    await expect(sums.sum({})).rejects.toMatchObject({ code: 'sum-implausible' });
    let old: { vector: string } | undefined;
    spoil.set('d2', (honest) => {
      old ??= honest;
      return old;
    });
    expect(await sums.sum({})).toMatchObject({ devices: 5 });
    await expect(sums.sum({})).rejects.toMatchObject({ code: 'sum-implausible' });
  });

  test('is none of two, and not begun twice', async () => {
    for (const id of ['d2', 'd3', 'd4']) members.delete(id);
    await expect(sums.sum({})).rejects.toMatchObject({ code: 'sum-few' });
    const first = sums.sum({}).catch(() => undefined);
    await expect(sums.sum({})).rejects.toMatchObject({ code: 'sum-busy' });
    await first;
  });

  test('leaves out who asks for more members than there are', async () => {
    members.set('d0', new SumMember({ device: 'd0', clock, keys: nodeSumCrypto, leastDevices: 6 }));
    expect(await sums.sum({})).toMatchObject({ devices: 4, lost: [] });
  });

  /** 0, 1 and p - 1: the secret with them is no secret, whoever has the other key. */
  const lowOrder = [
    Buffer.alloc(32),
    Buffer.concat([Buffer.of(1), Buffer.alloc(31)]),
    Buffer.concat([Buffer.of(0xec), Buffer.alloc(30, 0xff), Buffer.of(0x7f)]),
  ].map((key) => key.toString('base64'));
  test.each(lowOrder)('leaves out, and names, a device whose key is none: %s', async (key) => {
    keys.set('d1', () => key);
    expect(await sums.sum({})).toMatchObject({
      ...{
        devices: 4,
        rounds: 1,
        lost: [],
        unfit: ['d1'],
        labels: { car: 1 + 2 + 2 + 3, person: 1 + 2 + 2 },
      },
    });
  });

  test('leaves out, and names, devices with one key', async () => {
    let first: string | undefined;
    for (const id of ['d2', 'd4'])
      keys.set(id, (own) => {
        first ??= own;
        return first;
      });
    expect(await sums.sum({})).toMatchObject({ devices: 3, rounds: 1, lost: [], unfit: ['d2', 'd4'] });
  });

  test('is none of what two good keys leave, and the reason names the others', async () => {
    for (const id of ['d0', 'd1', 'd2']) keys.set(id, () => lowOrder[0]!);
    await expect(sums.sum({})).rejects.toMatchObject({
      code: 'sum-few',
      message: expect.stringContaining('without d0, d1, d2'),
    });
  });

  test('is given up where a device is lost in every round', async () => {
    let gone = 0;
    for (const id of ['d0', 'd1', 'd2'])
      spoil.set(id, (honest, round) => (id === `d${round - 1}` && gone++ < 9 ? 'silent' : honest));
    await expect(sums.sum({})).rejects.toMatchObject({ code: expect.stringMatching(/sum-lost|sum-few/) });
  });
});
