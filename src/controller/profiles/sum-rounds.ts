import type { SummedProfile, SummedProfileQuery } from '../../api/index.ts';
import {
  type Clock,
  counted,
  fromBase64,
  type Log,
  RefusedError,
  toBase64,
  toHex,
} from '../../base/index.ts';
import { sumMasked } from '../../drift/index.ts';
import { sumLength, sumLimits } from '../../protocol/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { loadedModels } from '../fleet/device-summary.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';

export interface SumRoundsPorts {
  readonly registry: DeviceRegistry;
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly models: Pick<ModelRegistry, 'labelsOf'>;
  readonly secrets: Pick<Secrets, 'randomBytes' | 'agreesWith'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Member {
  readonly device: string;
  readonly key: string;
}

interface Joined extends Member {
  readonly leastDevices: number;
}

const joinMs = 10_000;
const maskMs = 20_000;
const hourMs = 3_600_000;
const mostRounds = 3;
const usualHours = 1;

/**
 * Sums of what devices counted, of which the controller sees nothing but the sum. A round that loses a member gives nothing:
 * the next one begins without it, with new keys. One at a time.
 */
export class SumRounds {
  readonly #ports: SumRoundsPorts;
  #running = false;

  constructor(ports: SumRoundsPorts) {
    this.#ports = ports;
  }

  /** RefusedErrors `sum-busy`, `sum-few`, `sum-lost`, `sum-implausible`. */
  async sum(
    { group, hours = usualHours }: SummedProfileQuery,
    view: FleetView = wholeFleet,
  ): Promise<SummedProfile> {
    if (this.#running)
      throw new RefusedError('sum-busy', 'Another sum is in progress.', 'Ask again in a minute.');
    this.#running = true;
    try {
      return await this.#sum(view, group, hours);
    } finally {
      this.#running = false;
    }
  }

  async #sum(view: FleetView, group: string | undefined, hours: number): Promise<SummedProfile> {
    const { registry, clock } = this.#ports;
    const toHour = Math.floor(clock.wallMs() / hourMs);
    const inGroup = group === undefined ? undefined : new Set(registry.membersOf(group));
    const asked = [...registry.devices()].filter(
      ({ id, online }) => online && view.has(id) && (inGroup?.has(id) ?? true),
    );
    const labels = this.#labels(asked.map(({ id }) => id));
    let candidates = asked.map(({ id }) => id).slice(0, sumLimits.members);
    const lost: string[] = [];
    const unfit: string[] = [];
    for (let round = 1; round <= mostRounds; round++) {
      const name = toHex(this.#ports.secrets.randomBytes(16));
      const members = await this.#join(name, candidates, { toHour, hours }, unfit);
      const vectors = await this.#vectors(name, members, labels);
      if (vectors.size === members.length)
        return answerOf(this.#add(vectors, members), labels, {
          hours,
          devices: members.length,
          rounds: round,
          lost,
          unfit,
        });
      const gone = members.map(({ device }) => device).filter((device) => !vectors.has(device));
      lost.push(...gone);
      candidates = [...vectors.keys()];
    }
    throw new RefusedError(
      'sum-lost',
      `In each of ${mostRounds} rounds a device was lost: ${lost.slice(0, 10).join(', ')}.`,
      'Ask again when the devices are connected well.',
    );
  }

  async #join(
    round: string,
    devices: readonly string[],
    hours: { toHour: number; hours: number },
    unfit: string[],
  ): Promise<Member[]> {
    const joined = await this.#all(devices, async (device) => ({
      device,
      ...(await this.#ports.rpc.call(device, 'join-sum', { round, ...hours }, joinMs)),
    }));
    // Who asks for more members than there are is left out, which may leave too few for another.
    let members = this.#fit(joined, unfit).sort((a, b) => a.leastDevices - b.leastDevices);
    while (members.length > 0 && members.at(-1)!.leastDevices > members.length)
      members = members.slice(0, -1);
    if (members.length < 3)
      throw new RefusedError(
        'sum-few',
        `${counted(joined.length, 'device')} take part${without(unfit)}, and no three of them are enough for each other.`,
        'Set statistics.counts to "summed" on more devices, or a smaller statistics.leastDevices.',
      );
    return members.map(({ device, key }) => ({ device, key }));
  }

  /** With keys that no other member has to refuse, which would end the round for all; those with others go into `unfit`. */
  #fit(joined: readonly Joined[], unfit: string[]): Joined[] {
    const members = joined.map((one) => ({ ...one, key: toBase64(fromBase64(one.key)) }));
    const times = new Map<string, number>();
    for (const { key } of members) times.set(key, (times.get(key) ?? 0) + 1);
    const fits = ({ key }: Joined) => times.get(key) === 1 && this.#ports.secrets.agreesWith(fromBase64(key));
    const fit = members.filter(fits);
    const left = members.filter((one) => !fit.includes(one)).map(({ device }) => device);
    if (left.length > 0)
      this.#ports.log.warn('Devices with unfit keys are left out of a sum', { devices: left });
    unfit.push(...left);
    return fit;
  }

  /** The answers that are vectors; other answers are dropped. */
  async #vectors(
    round: string,
    members: readonly Member[],
    labels: readonly string[],
  ): Promise<Map<string, Uint32Array>> {
    const length = sumLength(labels.length);
    const answers = await this.#all(
      members.map(({ device }) => device),
      async (device) => {
        const request = { round, members: [...members], labels: [...labels] };
        const { vector } = await this.#ports.rpc.call(device, 'masked-sum', request, maskMs);
        return [device, numbersOf(vector, length)] as const;
      },
    );
    return new Map(answers.flatMap(([device, vector]) => (vector === undefined ? [] : [[device, vector]])));
  }

  #add(vectors: ReadonlyMap<string, Uint32Array>, members: readonly Member[]): readonly number[] {
    const devices = members.map(({ device }) => device);
    const sum = sumMasked(vectors, devices);
    const scores = sum?.slice(-sumLimits.scoreBins);
    const total = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
    // Every detection counts once by its label and once by its score; numbers that somebody made up do not.
    if (sum !== undefined && scores !== undefined && total(sum) === 2 * total(scores)) return sum;
    throw new RefusedError(
      'sum-implausible',
      'The counts by class and by score do not add up to the same: a device answered something else than its counts.',
      'Masks hide which one. Ask for the sums of smaller groups to find it.',
    );
  }

  /** Those that refuse, are silent or answer nonsense are left out. */
  async #all<T>(devices: readonly string[], ask: (device: string) => Promise<T>): Promise<T[]> {
    const answers = await Promise.all(
      devices.map((device) =>
        ask(device).catch((error: unknown) => {
          this.#ports.log.debug('A device takes no part in a sum', { device, error });
          return undefined;
        }),
      ),
    );
    return answers.filter((one) => one !== undefined);
  }

  /** Of the models that these devices run: no device says what it has seen. */
  #labels(devices: readonly string[]): string[] {
    const { registry, models } = this.#ports;
    const digests = devices
      .flatMap((id) => loadedModels({ reported: registry.get(id)?.reported }))
      .map(({ digest }) => digest);
    const labels = [...new Set(digests)].flatMap((digest) => models.labelsOf(digest) ?? []);
    return [...new Set(labels)].sort().slice(0, sumLimits.labels);
  }
}

function numbersOf(text: string, length: number): Uint32Array | undefined {
  const bytes = fromBase64(text);
  if (bytes.length !== 4 * length || toBase64(bytes) !== text) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length }, (_, at) => view.getUint32(at * 4, true));
}

function answerOf(
  sum: readonly number[],
  labels: readonly string[],
  about: Pick<SummedProfile, 'hours' | 'devices' | 'rounds' | 'lost' | 'unfit'>,
): SummedProfile {
  const other = sum[labels.length] ?? 0;
  return {
    ...about,
    labels: Object.fromEntries([
      ...labels.map((label, at) => [label, sum[at] ?? 0]),
      ...(other === 0 ? [] : [['other', other]]),
    ]),
    scores: sum
      .slice(labels.length + 1)
      .map((count, at) => ({ upTo: (at + 1) / sumLimits.scoreBins, count })),
  };
}

function without(unfit: readonly string[]): string {
  return unfit.length === 0 ? '' : ` (without ${unfit.slice(0, 10).join(', ')}, whose keys do not fit)`;
}
