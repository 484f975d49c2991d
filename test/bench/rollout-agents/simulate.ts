import { createHash } from 'node:crypto';
import type { NewRollout, RolloutDetail } from '../../../src/api/index.ts';
import { formatManifest } from '../../../src/model/index.ts';
import { settle } from '../../fakes/fake-clock.ts';
import { FakeDevice } from '../../fakes/fake-device.ts';
import { admin, digest as firstDigest, TestFleet } from '../../fakes/test-fleet.ts';
import { pushBundle } from '../../fixtures/push-bundle.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';

export interface SimulationOptions {
  readonly devices: number;
  readonly seed: number;
  /** Hours that each rollout has before the next begins. */
  readonly hours: number;
}

export interface SimulationResult {
  readonly rollouts: readonly {
    readonly name: string;
    readonly state: string;
    readonly counts: object;
    readonly hours: number;
  }[];
  readonly reboots: number;
  readonly cuts: number;
  readonly longOffline: number;
  readonly controllerKills: number;
  /** Looks at one device. */
  readonly looks: number;
  /** What must never be: empty. */
  readonly unexplained: readonly string[];
}

const minute = 60_000;
const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
async function* _once(text: string) {
  yield Buffer.from(text);
}

/** 0..1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Real agents (state machine, memory, outbox, slots) and a real controller in one process, on a broker and a clock of a
 * test: cut connections, reboots, devices that are away for weeks, a controller that is started anew. A good version is
 * rolled out, then one that fails on a third of the devices in its golden set or its probation.
 */
export class RolloutSimulation {
  readonly #options: SimulationOptions;
  readonly #random: () => number;
  readonly #devices: FakeDevice[] = [];
  readonly #down = new Map<FakeDevice, number>();
  readonly #unexplained: string[] = [];
  readonly #bad = new Set<string>();
  #fleet!: TestFleet;
  #badDigest = '';
  #counts = { reboots: 0, cuts: 0, longOffline: 0, controllerKills: 0, looks: 0 };

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = randomOf(options.seed);
  }

  async run(): Promise<SimulationResult> {
    this.#fleet = await TestFleet.open({ publicUrl: 'http://fleet', silentAfterMs: 24 * 60 * minute });
    await this.#startAll();
    const rollouts: SimulationResult['rollouts'][number][] = [];
    await this.#push('2.0.0');
    rollouts.push(await this.#rollOut('good', '2.0.0'));
    this.#badDigest = await this.#push('3.0.0');
    rollouts.push(await this.#rollOut('bad', '3.0.0'));
    // Weeks later everybody is back, and all that was ordered meanwhile has come about.
    for (const device of [...this.#down.keys()]) await this.#boot(device);
    await this.#pass(30);
    this.#expectExplained();
    for (const one of rollouts) if (one.name === 'bad') this.#expectNobodyRuns(this.#badDigest);
    const ended = rollouts.map((one) => {
      const { state, counts } = this.#fleet.controller.rollouts.detail(one.name);
      return { ...one, state, counts };
    });
    for (const device of this.#devices) device.kill();
    await this.#fleet.stop();
    return { rollouts: ended, ...this.#counts, unexplained: this.#unexplained };
  }

  async #startAll(): Promise<void> {
    for (let at = 0; at < this.#options.devices; at++) {
      const device = new FakeDevice(this.#fleet.broker, this.#fleet.clock, `d${at}`);
      if (this.#random() < 1 / 3) this.#bad.add(device.id);
      device.random = this.#random;
      this.#devices.push(device);
      device.onCheck = async ({ digest }) => {
        if (digest === this.#badDigest && this.#bad.has(device.id) && at % 2 === 0)
          throw new Error('The golden set came out otherwise.');
      };
      await device.start({
        metricsEverySeconds: 3600,
        probationSeconds: 20,
        groups: () => [`site-${at % 20}`],
      });
    }
    await this.#fleet.clock.pass(1_000);
  }

  async #push(version: string): Promise<string> {
    const content = `tiny ${version}`;
    const file = { path: 'onnx/fp32.onnx', digest: digestOf(content), size: content.length };
    const variants = [{ kind: 'fp32' as const, file }];
    const manifest = Buffer.from(formatManifest(tinyManifest({ name: 'street', version, variants })));
    await pushBundle(this.#fleet.controller, admin, manifest, { [file.path]: Buffer.from(content) });
    await settle();
    return digestOf(manifest);
  }

  async #rollOut(name: string, version: string): Promise<SimulationResult['rollouts'][number]> {
    const policy: NewRollout['policy'] = {
      model: { name: 'street', version },
      target: { all: true },
      growth: { first: Math.max(2, Math.ceil(this.#options.devices / 50)), factor: 3 },
      soakMinutes: 10,
      success: { abortPercent: 10, minimum: 3 },
      disruption: { by: 'group', maxUnavailable: Math.max(2, Math.ceil(this.#options.devices / 30)) },
      unreachable: { afterMinutes: 20, rule: 'skip' },
    };
    await this.#fleet.controller.rollouts.create(admin, { name, policy });
    const startMs = this.#fleet.clock.wallMs();
    for (let at = 0; at < this.#options.hours * 60; at++) {
      await this.#disturb();
      await this.#pass(1);
      if (at % 5 === 0) this.#expectExplained();
      if (['finished', 'rolled-back'].includes(this.#fleet.controller.rollouts.detail(name).state)) break;
    }
    const { state, counts } = this.#fleet.controller.rollouts.detail(name);
    const hours = (this.#fleet.clock.wallMs() - startMs) / (60 * minute);
    return { name, state, counts, hours: Math.round(hours * 10) / 10 };
  }

  /** What a minute does to a fleet. */
  async #disturb(): Promise<void> {
    const { clock } = this.#fleet;
    for (const [device, untilMs] of [...this.#down]) if (clock.wallMs() >= untilMs) await this.#boot(device);
    for (const device of this.#devices) {
      if (this.#down.has(device)) continue;
      const chance = this.#random();
      if (chance < 0.004) {
        this.#counts.cuts += 1;
        device.transport.cut(this.#random() * 10 * minute);
      } else if (chance < 0.006) {
        this.#counts.reboots += 1;
        device.kill();
        this.#down.set(device, clock.wallMs() + this.#random() * 5 * minute);
      } else if (chance < 0.0062) {
        this.#counts.longOffline += 1;
        device.kill();
        this.#down.set(device, clock.wallMs() + 21 * 24 * 60 * minute);
      }
    }
    if (this.#random() < 0.05) {
      this.#counts.controllerKills += 1;
      await this.#fleet.restart({ publicUrl: 'http://fleet', silentAfterMs: 24 * 60 * minute });
    }
  }

  async #boot(device: FakeDevice): Promise<void> {
    this.#down.delete(device);
    await device.start({
      metricsEverySeconds: 3600,
      probationSeconds: 20,
      groups: () => [`site-${device.id.slice(1)}`],
    });
  }

  /** Frames come in; those of a bad model on every other bad device are not answered. */
  async #pass(minutes: number): Promise<void> {
    for (let at = 0; at < minutes * 4; at++) {
      for (const { pipeline, id } of this.#devices) {
        pipeline.received += 30;
        const blind = pipeline.identity.digest === this.#badDigest && this.#bad.has(id);
        if (!blind) pipeline.processed += 30;
      }
      await this.#fleet.clock.pass(15_000);
    }
    await settle();
  }

  /** Every version that runs somewhere is what it had at first, or what a rollout ordered for that device. */
  #expectExplained(): void {
    const details = this.#fleet.controller.rollouts
      .list()
      .rollouts.map(({ id }) => this.#fleet.controller.rollouts.detail(id));
    const ordered = new Set(details.flatMap((one) => orderedBy(one)));
    for (const { id, pipeline } of this.#devices) {
      this.#counts.looks += 1;
      const { digest } = pipeline.identity;
      if (digest !== firstDigest && !ordered.has(`${id} ${digest}`))
        this.#unexplained.push(`${id} runs ${digest}`);
    }
    for (const one of details) {
      const passed = one.waves.findIndex(({ startedMs }) => startedMs === undefined);
      const most = passed < 0 ? one.waves.length : passed;
      for (const { device, wave, order } of one.devices)
        if (order !== undefined && wave >= most)
          this.#unexplained.push(`${device} was ordered before its wave`);
    }
  }

  #expectNobodyRuns(digest: string): void {
    for (const { id, pipeline } of this.#devices)
      if (pipeline.identity.digest === digest) this.#unexplained.push(`${id} still runs the bad version`);
  }
}

function orderedBy({ model, devices }: RolloutDetail): string[] {
  return devices.flatMap(({ device, order }) => (order === undefined ? [] : [`${device} ${model.digest}`]));
}
