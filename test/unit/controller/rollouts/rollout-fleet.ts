import { createHash } from 'node:crypto';
import type { NewRollout, RolloutDetail, RolloutPolicy } from '../../../../src/api/index.ts';
import type { Caller } from '../../../../src/controller/index.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import {
  type DeploymentReport,
  type Desired,
  encodePayload,
  type Reported,
  topics,
} from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import type { FakeStore } from '../../../fakes/fake-store.ts';
import { admin, loaded, digest as oldDigest, slot, TestFleet } from '../../../fakes/test-fleet.ts';
import { pushBundle } from '../../../fixtures/push-bundle.ts';
import { releaseManifest, releaseName } from '../../../fixtures/release-manifest.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

export const bob: Caller = { tokenId: 't2', name: 'bob', role: 'operator' };
const path = 'onnx/fp32.onnx';
const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** How a device takes an order. */
export type Behaviour =
  | 'good'
  | 'stays'
  | 'fails'
  | 'refuses'
  | 'goes-back'
  | 'silent'
  | 'unsafe'
  | 'downloads'
  | 'probation';

/** A fleet whose devices report what a test says, and rollouts over it. */
export class RolloutFleet {
  readonly fleet: TestFleet;
  readonly behaviours = new Map<string, Behaviour>();
  /** What each runs. */
  readonly running = new Map<string, { digest: string; version: string }>();
  /** What runs beside `main`: every device takes what it is ordered there, or says that it failed. */
  readonly beside = new Map<string, Reported['slots']>();
  readonly #cameras = new Map<string, readonly string[]>();
  readonly #offline = new Set<string>();
  readonly #last = new Map<string, DeploymentReport>();
  readonly #generations = new Map<string, number>();
  #session = 1;

  readonly #slot: 'main' | 'agent';

  private constructor(fleet: TestFleet, slot: 'main' | 'agent') {
    this.fleet = fleet;
    this.#slot = slot;
  }

  /** `slot`: where devices take what they are ordered with all behaviours; with `agent`, `main` runs the first version of `street`. */
  static async open(
    ids: readonly string[],
    store?: FakeStore,
    slot: 'main' | 'agent' = 'main',
  ): Promise<RolloutFleet> {
    const made = new RolloutFleet(await TestFleet.open({}, store), slot);
    for (const id of ids) await made.join(id);
    return made;
  }

  get rollouts() {
    return this.fleet.controller.rollouts;
  }

  async join(id: string, groups: string[] = [], cameras: readonly string[] = ['front']): Promise<void> {
    this.#cameras.set(id, cameras);
    this.running.set(id, { digest: oldDigest, version: '1.0.0' });
    await this.fleet.birth(id, { groups, session: this.#session, cameras: [...cameras] });
    await this.#report(id, { state: 'idle' });
  }

  /** Gives its digest. `golden`: files of a golden set. */
  async push(
    version: string,
    golden: readonly string[] = [],
    more: Parameters<typeof tinyManifest>[0] = {},
  ): Promise<string> {
    const contents: Readonly<Record<string, string>> = {
      [path]: `tiny ${version}`,
      ...Object.fromEntries(golden.map((one) => [one, one])),
    };
    const fileOf = (path: string) => {
      const content = contents[path]!;
      return { path, digest: digestOf(content), size: content.length };
    };
    const variants = [{ kind: 'fp32' as const, file: fileOf(path) }];
    const attachments = golden.map(fileOf);
    const own = {
      name: 'street',
      version,
      variants,
      ...more,
      ...(golden.length === 0 ? {} : { attachments }),
    };
    const files = Object.entries(contents).map(([path, text]) => [path, Buffer.from(text)]);
    const manifest = Buffer.from(formatManifest(tinyManifest(own)));
    const digest = await pushBundle(this.fleet.controller, admin, manifest, Object.fromEntries(files));
    await settle();
    return digest;
  }

  /** Of the agent; gives its digest. */
  async pushRelease(version: string): Promise<string> {
    const deb = `a package ${version}`;
    const file = { path: 'agent.deb', digest: digestOf(deb), size: deb.length };
    const manifest = Buffer.from(formatManifest(releaseManifest(version, file)));
    const digest = await pushBundle(this.fleet.controller, admin, manifest, {
      [file.path]: Buffer.from(deb),
    });
    await settle();
    return digest;
  }

  create(policy: Partial<RolloutPolicy>, more: Partial<NewRollout> = {}): Promise<RolloutDetail> {
    const target = { all: true as const };
    const of =
      this.#slot === 'agent'
        ? { model: { name: releaseName }, slot: 'agent' }
        : { model: { name: 'street' } };
    const request = { name: 'to-2', ...more, policy: { ...of, target, ...policy } };
    return this.rollouts.create(admin, request);
  }

  show(name = 'to-2'): RolloutDetail {
    return this.rollouts.detail(name);
  }

  stateOf(device: string, name = 'to-2'): string | undefined {
    return this.show(name).devices.find((one) => one.device === device)?.state;
  }

  desired(id: string): Desired | undefined {
    return this.fleet.controller.devices.detail(id).desired;
  }

  /** Time passes; devices answer what they were ordered, until `turns` times. */
  async turn(turns = 1): Promise<void> {
    for (let at = 0; at < turns; at++) {
      for (const id of this.running.keys()) await this.#answer(id);
      await this.fleet.clock.pass(2_000);
      // What a step commits may take more than one turn of promises.
      await settle();
      await settle();
    }
  }

  async minutes(count: number): Promise<void> {
    for (let at = 0; at < count; at++) {
      for (let part = 0; part < 2; part++) {
        await this.fleet.clock.pass(26_000);
        // Something has to come of a device, or it counts as silent.
        for (const id of this.running.keys())
          if (!this.#offline.has(id)) await this.#report(id, this.#last.get(id)!);
        await this.turn(2);
      }
    }
  }

  async report(id: string, deployment: DeploymentReport, change: Partial<Reported> = {}): Promise<void> {
    this.#generations.set(id, change.generation ?? this.desired(id)?.generation ?? 0);
    await this.#report(id, deployment, change);
    await settle();
  }

  async offline(id: string, reason: 'shutdown' | 'connection-lost' = 'shutdown'): Promise<void> {
    this.#offline.add(id);
    const death = { online: false, session: this.#session, reason } as const;
    await this.fleet.send(topics.state(id), encodePayload('state', death), true);
    await settle();
  }

  async online(id: string): Promise<void> {
    this.#session += 1;
    this.#offline.delete(id);
    const cameras = [...(this.#cameras.get(id) ?? [])];
    await this.fleet.birth(id, { session: this.#session, groups: [], cameras });
    await settle();
  }

  async #answer(id: string): Promise<void> {
    const behaviour = this.behaviours.get(id) ?? 'good';
    const desired = this.desired(id);
    const model = desired?.slots?.[this.#slot]?.model;
    if (this.#offline.has(id)) return;
    if (behaviour === 'silent' || desired === undefined) return;
    if (this.#generations.get(id) === desired.generation) return;
    this.#takeBeside(id, desired);
    if (model === undefined) return this.report(id, this.#last.get(id) ?? { state: 'idle' });
    const runs = this.running.get(id)!;
    const of = { digest: model.digest, ...(model.order === undefined ? {} : { order: model.order }) };
    if (model.hold === true || (behaviour === 'unsafe' && model.overrideSafety !== true)) {
      const waits = { for: model.hold ? 'fleet' : 'safety', what: 'It drives.', sinceMs: 1 } as const;
      await this.report(id, { state: 'ready', ...of, waits });
      return;
    }
    // It takes what is newer, and refuses to go back.
    if (behaviour === 'stays' && model.version < runs.version) {
      await this.report(id, {
        state: 'failed',
        ...of,
        outcome: 'failed',
        reason: 'Going back is not signed.',
      });
      return;
    }
    if (model.digest !== runs.digest && behaviour === 'downloads') {
      await this.report(id, { state: 'downloading', ...of });
      return;
    }
    if (model.digest !== runs.digest && behaviour === 'probation') {
      await this.report(id, { state: 'probation', ...of });
      return;
    }
    if (model.digest !== runs.digest && !['good', 'stays', 'unsafe'].includes(behaviour)) {
      const outcome = behaviour === 'fails' ? 'failed' : behaviour === 'refuses' ? 'refused' : 'rolled-back';
      await this.report(id, { state: 'failed', ...of, outcome, reason: 'It sees nothing.' });
      return;
    }
    this.running.set(id, { digest: model.digest, version: model.version });
    await this.report(id, { state: 'committed', ...of });
  }

  #servedByMain(id: string): readonly string[] {
    const others = Object.values(this.beside.get(id) ?? {}).flatMap(({ cameras }) => cameras);
    return (this.#cameras.get(id) ?? []).filter((camera) => !others.includes(camera));
  }

  #takeBeside(id: string, { slots = {} }: Desired): void {
    const { main: _, agent: __, ...others } = slots;
    const taken = Object.entries(others).flatMap(([name, { model, cameras = [] }]) => {
      if (model === undefined) return [];
      const { digest, version, order } = model;
      const fails = this.behaviours.get(id) === 'fails';
      const state = fails ? ('failed' as const) : ('committed' as const);
      const deployment: DeploymentReport = { state, digest, ...(order === undefined ? {} : { order }) };
      const { loaded: ___, ...none } = slot({ deployment, cameras: [] });
      return [[name, fails ? none : slot({ deployment, cameras, loaded: { ...loaded, digest, version } })]];
    });
    this.beside.set(id, Object.fromEntries(taken));
  }

  async #report(id: string, deployment: DeploymentReport, change: Partial<Reported> = {}): Promise<void> {
    const { digest, version } = this.running.get(id)!;
    const cameras = [...this.#servedByMain(id)];
    this.#last.set(id, deployment);
    await this.fleet.reported(id, {
      ...{ generation: this.#generations.get(id) ?? 0, session: this.#session },
      slots: {
        ...this.beside.get(id),
        ...(this.#slot === 'main'
          ? { main: slot({ deployment, cameras, loaded: { ...loaded, digest, version } }) }
          : {
              main: slot({ cameras }),
              agent: slot({
                ...{ deployment, cameras: [] },
                loaded: { ...loaded, name: releaseName, digest, version, engine: 'package', precision: '-' },
              }),
            }),
      },
      ...change,
    });
  }
}
