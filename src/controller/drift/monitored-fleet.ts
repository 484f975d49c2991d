import type { DriftIncident } from '../../api/index.ts';
import { CohortFleet, type CohortMember } from '../../drift/index.ts';
import { cameraKey, causeOf, type DriftFamily, familyOf } from './incident.ts';

/** One camera that devices watch for drift now. */
export interface MonitoredCamera {
  readonly device: string;
  readonly camera: string;
  readonly groups: readonly string[];
  readonly model: string | undefined;
  /** It has a reference: its model and scene are judged, not only its sensor. */
  readonly judged: boolean;
  /** Mean days between its false alarms, as set. */
  readonly falseAlarmDays: number;
}

/** Alarms that began within the same minutes have the same neighbours. */
const beganMs = 300_000;

/** The cameras of the fleet as cohorts need them; put together device by device, then used for some seconds. */
export class MonitoredFleet {
  #size = 0;
  #judged = 0;
  #falseAlarms = 0;
  readonly #all = new CohortFleet([]);
  /** A camera without a reference can't say what the scene or the model is about. */
  readonly #withReference = new CohortFleet([]);
  /** Numbers of what distinguishes cameras in cohorts, and each camera's. */
  readonly #kinds = new Map<string, number>();
  readonly #kindOf = new Map<string, number>();
  /** An incident is another object when anything of it changed. */
  readonly #keys = new WeakMap<DriftIncident, string>();

  constructor(cameras: readonly MonitoredCamera[] = []) {
    const devices = new Map<string, MonitoredCamera[]>();
    for (const camera of cameras) {
      const own = devices.get(camera.device);
      if (own === undefined) devices.set(camera.device, [camera]);
      else own.push(camera);
    }
    for (const own of devices.values()) this.add(own);
  }

  /** All cameras of one device. */
  add(cameras: readonly MonitoredCamera[]): void {
    for (const { device, camera, groups, model, judged, falseAlarmDays } of cameras) {
      this.#size++;
      this.#falseAlarms += 1 / falseAlarmDays;
      const member = {
        camera: cameraKey(device, camera),
        device: cameras.length > 1 ? device : '',
        groups,
        model,
      };
      this.#all.add(member);
      this.#kindOf.set(member.camera, this.#kind(member));
      if (!judged) continue;
      this.#judged++;
      this.#withReference.add(member);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Cameras whose model and scene are judged. */
  get judged(): number {
    return this.#judged;
  }

  /** False alarms of a camera and day as set, on average. */
  get falseAlarmsPerDay(): number {
    return this.#falseAlarms / Math.max(1, this.#size);
  }

  members(family: DriftFamily): CohortFleet {
    return family === 'sensor' ? this.#all : this.#withReference;
  }

  /** The same for alarms of one cause that began together, of cameras that no cohort distinguishes. */
  keyOf(incident: DriftIncident): string | undefined {
    let key = this.#keys.get(incident);
    if (key === undefined) {
      const family = familyOf(incident.verdict);
      const camera = cameraKey(incident.device, incident.camera);
      const kind = this.#kindOf.get(camera);
      if (kind === undefined || this.members(family).get(camera) === undefined) return undefined;
      key = `${causeOf(incident.verdict)} ${Math.floor(incident.startedMs / beganMs)} ${kind}`;
      this.#keys.set(incident, key);
    }
    return key;
  }

  #kind({ groups, model, device }: CohortMember): number {
    // No name has a line break.
    const text = `${groups.join('\n')}\n\n${model ?? ''}\n${device}`;
    let kind = this.#kinds.get(text);
    if (kind === undefined) {
      kind = this.#kinds.size;
      this.#kinds.set(text, kind);
    }
    return kind;
  }
}
