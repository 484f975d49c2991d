import { type Clock, defined, describeError, type InputError } from '../../base/index.ts';
import {
  type DriftAlarm,
  DriftMonitor,
  type DriftState,
  describeVerdict,
  type Grade,
  type KnownAnswer,
  sameAreas,
  shortcomings,
  type WatchedAreas,
  WatchedObjects,
} from '../../drift/index.ts';
import type { PerceptionResult, Thumbnail } from '../../perception/index.ts';
import type { DriftEventData, DriftSettings, DriftStatus } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import { alarmEvent, short, wireVerdict } from './alarm-event.ts';
import { Learning } from './learning.ts';
import { mainSignals } from './main-signals.ts';
import type { FollowedOrder, KeptProfile, LearnedProfile, NewLearner, ProfileStore } from './ports.ts';

export interface CameraMonitorPorts {
  readonly clock: Clock;
  readonly profiles: ProfileStore;
  readonly newLearner: NewLearner;
  readonly reportEvent: (event: AgentEvent) => void;
  /** Something that the fleet sees in the status is another now. */
  readonly onChange: () => void;
  /** An incident begins: gives the id of the picture that will show it, where one is kept. */
  readonly onAlarm: () => string | undefined;
}

export interface CameraMonitorOptions {
  readonly camera: string;
  readonly utcOffsetHours: number;
  readonly followed: FollowedOrder | undefined;
}

/** How often something was raised, or became so. */
export interface DriftCount {
  readonly verdict: string;
  readonly grade: Grade;
  readonly count: number;
}

const dayMs = 86_400_000;
const usualFalseAlarmDays = 30;

/**
 * One camera: its drift monitor, its reference profile and what it is ordered to learn.
 *
 * The profile follows the model: another digest in a result makes it look for a profile of that one, and the old one
 * stays until there is: it still knows the view. What is watched meanwhile is in the status, and an event tells of it. A monitor that changes its reference ends its incident first, so that
 * every alarm is followed by its end.
 */
export class CameraMonitor {
  readonly #ports: CameraMonitorPorts;
  readonly #options: CameraMonitorOptions;
  readonly #learning: Learning;
  #settings: DriftSettings = {};
  /** Which objects are watched; undefined: all. */
  #areas: WatchedAreas | undefined;
  #objects: WatchedObjects | undefined;
  #unknownZone: InputError | undefined;
  #monitor: DriftMonitor | undefined = new DriftMonitor(undefined);
  #profile: KeptProfile | undefined;
  #trouble: string | undefined;
  #digest: string | undefined;
  #incidents = 0;
  #incident: NonNullable<DriftStatus['incident']> | undefined;
  #changedMs = Number.NEGATIVE_INFINITY;
  #swappedMs: number | undefined;
  #answer: KnownAnswer | undefined;
  readonly #alarms = new Map<string, DriftCount>();

  constructor(options: CameraMonitorOptions, ports: CameraMonitorPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#learning = new Learning({
      camera: options.camera,
      utcOffsetHours: options.utcOffsetHours,
      newLearner: ports.newLearner,
      followed: options.followed,
      areas: () => this.#areas,
      learned: (learned) => this.#learned(learned),
      lost: (error) =>
        ports.reportEvent({
          kind: 'drift.learn-restarted',
          severity: 'warning',
          message: describeError(error),
          camera: options.camera,
        }),
      ended: (order) => this.#orderEnded(order),
    });
  }

  get settings(): DriftSettings {
    return this.#settings;
  }

  /** `areas`: of the zones that the settings name, or why there are none. Nothing is learned or compared without them. */
  configure(settings: DriftSettings, areas?: WatchedAreas | InputError): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#watchAreas(areas);
    const learns = settings.watch !== false && this.#unknownZone === undefined;
    this.#learning.setOrder(learns ? settings.learn : undefined);
    const same =
      (before.watch ?? true) === (settings.watch ?? true) &&
      (before.falseAlarmDays ?? usualFalseAlarmDays) === (settings.falseAlarmDays ?? usualFalseAlarmDays);
    if (!same) this.#newMonitor();
    this.#ports.onChange();
  }

  observe(thumbnail: Thumbnail | undefined, result: PerceptionResult, atMs: number): void {
    const { digest } = result.identity;
    if (digest !== this.#digest) {
      if (this.#digest !== undefined) {
        this.#swappedMs = atMs;
        this.#answer = undefined;
      }
      this.#digest = digest;
      void this.#find(digest);
    }
    if (this.#monitor === undefined) return;
    const watched = this.#objects?.mark(result) ?? result;
    this.#news(this.#monitor.observe(thumbnail, watched, atMs));
    if (this.#learning.active && thumbnail !== undefined) this.#learning.observe(thumbnail, watched, atMs);
  }

  /** About once a second, whether frames come or not. */
  elapsed(atMs: number): void {
    if (this.#monitor !== undefined) this.#news(this.#monitor.elapsed(atMs));
  }

  /** Of the model that serves. */
  knownAnswer(answer: KnownAnswer, atMs: number): void {
    this.#answer = answer;
    this.#monitor?.knownAnswer(answer, atMs);
  }

  get learning(): boolean {
    return this.#learning.active;
  }

  get open(): boolean {
    return this.#incident !== undefined;
  }

  /** Monotonic time of the last alarm or end of one. */
  get changedMs(): number {
    return this.#changedMs;
  }

  /** How often each verdict was raised since the start, by grade; a notice that became an alarm counts as both. */
  get alarms(): readonly DriftCount[] {
    return [...this.#alarms.values()];
  }

  get state(): DriftState | undefined {
    return this.#monitor?.state();
  }

  status(): DriftStatus {
    const learn = this.#learning.status;
    const profile = this.#profile;
    const monitor = this.state;
    const reason = this.#reason(monitor);
    return {
      state: this.#watchState(),
      watched: [...(monitor?.watched ?? [])],
      ...defined({ reason }),
      ...(profile === undefined ? {} : { profile: describeProfile(profile) }),
      ...defined({ learn, incident: this.#incident }),
      signals: (monitor?.signals ?? [])
        .filter(({ signal, value }) => mainSignals.has(signal) && Number.isFinite(value))
        .map(({ name, value, deviations }) => ({ name, value: short(value), deviations: short(deviations) })),
    };
  }

  close(): void {
    this.#learning.close();
  }

  #watchState(): DriftStatus['state'] {
    if (this.#monitor === undefined) return 'off';
    if (this.#learning.active) return 'learning';
    return this.#monitor.state().watched.includes('model') ? 'watching' : 'sensor-only';
  }

  #reason(monitor: DriftState | undefined): string | undefined {
    if (monitor === undefined) return 'Switched off by the settings.';
    return this.#unknownZone?.explain() ?? this.#trouble ?? monitor.reason ?? monitor.resting;
  }

  /** What was learned of other objects is no measure of these. */
  #watchAreas(areas: WatchedAreas | InputError | undefined): void {
    const problem = areas instanceof Error ? areas : undefined;
    const wanted = areas instanceof Error ? undefined : areas;
    const same = sameAreas(wanted, this.#areas) && problem?.message === this.#unknownZone?.message;
    this.#areas = wanted;
    this.#unknownZone = problem;
    if (same) return;
    this.#objects = wanted && new WatchedObjects(wanted);
    this.#learning.restart();
    this.#profile = undefined;
    this.#newMonitor();
    if (this.#digest !== undefined) void this.#find(this.#digest);
  }

  /** Looks for the profile of the model that runs now. */
  async #find(digest: string): Promise<void> {
    if (this.#unknownZone !== undefined) return;
    let found: KeptProfile | undefined;
    let trouble: string | undefined;
    try {
      found = await this.#ports.profiles.load(this.#options.camera, digest);
    } catch (error) {
      trouble = describeError(error);
    }
    // Swapped again meanwhile.
    if (digest !== this.#digest) return;
    if (found !== undefined && !sameAreas(found.profile.areas, this.#areas)) {
      found = undefined;
      trouble = otherAreas;
    }
    this.#trouble = trouble?.slice(0, 2000);
    if (found !== undefined) {
      this.#use(found);
      return;
    }
    this.#tellUnwatched();
    this.#ports.onChange();
  }

  /** Nothing says what is usual for the model that runs: a profile was refused, or the one in use is of the model before. */
  #tellUnwatched(): void {
    const monitor = this.state;
    if (monitor === undefined || (this.#trouble === undefined && this.#profile === undefined)) return;
    this.#ports.reportEvent({
      kind: this.#trouble === undefined ? 'drift.profile-missing' : 'drift.profile-refused',
      severity: 'warning',
      message: `${this.#reason(monitor)} Watched on: ${monitor.watched.join(', ')}.`,
      camera: this.#options.camera,
    });
  }

  #use(profile: KeptProfile): void {
    this.#profile = profile;
    this.#trouble = undefined;
    this.#newMonitor();
    this.#ports.onChange();
  }

  async #learned(learned: LearnedProfile): Promise<void> {
    const kept = await this.#ports.profiles.save(this.#options.camera, learned);
    if (learned.profile.modelDigest === this.#digest && sameAreas(learned.profile.areas, this.#areas))
      this.#use(kept);
  }

  #orderEnded(order: FollowedOrder): void {
    const { camera } = this.#options;
    void this.#ports.profiles.follow(camera, order);
    const done = order.state === 'done';
    this.#ports.reportEvent({
      kind: done ? 'drift.learned' : 'drift.learn-failed',
      severity: done ? 'info' : 'warning',
      message: done
        ? ['The usual state is learned; the camera is watched for drift.', ...this.#lacks()].join(' ')
        : (order.reason ?? ''),
      camera,
      data: {
        order: order.order,
        ...(done && this.#profile !== undefined ? describeProfile(this.#profile) : {}),
      },
    });
    this.#ports.onChange();
  }

  #lacks(): string[] {
    return this.#profile === undefined ? [] : shortcomings(this.#profile.profile);
  }

  #newMonitor(): void {
    this.#endIncident();
    const { watch = true, falseAlarmDays = usualFalseAlarmDays } = this.#settings;
    this.#monitor = watch
      ? new DriftMonitor(this.#profile?.profile, { arl0Ms: falseAlarmDays * dayMs })
      : undefined;
    // A new monitor does not know of the swap that made it, nor of what its model answered.
    if (this.#swappedMs !== undefined) this.#monitor?.deployment(this.#swappedMs);
    if (this.#answer !== undefined) this.#monitor?.knownAnswer(this.#answer, this.#ports.clock.monotonicMs());
  }

  #endIncident(): void {
    const incident = this.#incident;
    if (incident === undefined) return;
    this.#incident = undefined;
    this.#changedMs = this.#ports.clock.monotonicMs();
    const { kind, detail } = incident.verdict;
    const data: DriftEventData = {
      incident: incident.number,
      verdict: { kind, ...defined({ detail }) },
      grade: incident.grade,
      secondsSinceFirstSign: 0,
      signals: [],
    };
    this.#ports.reportEvent({
      kind: 'drift.cleared',
      severity: 'info',
      message: 'Over: the reference or the settings changed.',
      camera: this.#options.camera,
      data,
    });
  }

  #news(alarms: readonly DriftAlarm[]): void {
    for (const alarm of alarms) this.#tellAlarm(alarm);
  }

  #tellAlarm(alarm: DriftAlarm): void {
    const { phase, verdict, grade } = alarm;
    if (phase === 'raised') this.#incidents++;
    const number = this.#incidents;
    const frame = phase === 'cleared' ? undefined : this.#ports.onAlarm();
    if (phase === 'cleared') this.#incident = undefined;
    else {
      const sinceMs = this.#incident?.sinceMs ?? Math.max(0, this.#ports.clock.wallMs());
      this.#incident = { number, verdict: wireVerdict(verdict), sinceMs, grade };
      const name = describeVerdict(verdict);
      const key = `${grade} ${name}`;
      const count = (this.#alarms.get(key)?.count ?? 0) + 1;
      this.#alarms.set(key, { verdict: name, grade, count });
    }
    this.#changedMs = alarm.atMs;
    this.#ports.reportEvent(
      alarmEvent(alarm, {
        camera: this.#options.camera,
        incident: number,
        modelDigest: this.#digest,
        profileDigest: this.#profile?.digest,
        frame,
      }),
    );
    this.#ports.onChange();
  }
}

const otherAreas =
  'The reference profile was learned with other zones. Let the device learn again (`goshawk drift learn`).';

function describeProfile({ profile, digest }: KeptProfile): NonNullable<DriftStatus['profile']> {
  return {
    digest,
    modelDigest: profile.modelDigest,
    seconds: Math.round(profile.buckets.reduce((sum, { ticks }) => sum + ticks, 0)),
  };
}
