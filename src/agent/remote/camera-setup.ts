import { type Clock, counted, InputError, LimitError, MissingError, RefusedError } from '../../base/index.ts';
import type { AddedKind, CallRequestOf, CallResultOf, CameraTrial } from '../../protocol/index.ts';
import { Pace } from './pace.ts';

/** What is kept of a camera that was added. */
export interface AddedCamera {
  readonly source: string;
  readonly username?: string;
  /** Beside the list, readable by the agent alone. */
  readonly passwordFile?: string;
}

export type AddedCameras = Readonly<Record<string, AddedCamera>>;

/** What is tried, without a login in its address. */
export interface CheckedCamera extends AddedCamera {
  readonly kind: AddedKind;
}

export interface CameraSetupPorts {
  /** Those that the owner of the device allows. */
  readonly kinds: readonly AddedKind[];
  /** Names that the settings file has. */
  readonly own: readonly string[];
  /** Of all cameras. */
  readonly most: number;
  readonly list: () => Promise<AddedCameras>;
  /** The whole list, or none of it; secrets of those that are gone go too. */
  readonly save: (cameras: AddedCameras) => Promise<void>;
  /** InputError for what can never be one, or may not be; its password is in a file then. */
  readonly check: (id: string, camera: CallRequestOf<'try-camera'>['camera']) => Promise<CheckedCamera>;
  /** A picture that may be seen by this role. */
  readonly take: (camera: CheckedCamera, role: CallRequestOf<'try-camera'>['role']) => Promise<CameraTrial>;
  /** What was tried and never added. */
  readonly forget: (camera: AddedCamera) => Promise<void>;
  readonly clock: Clock;
}

const trialMs = 600_000;
const mostTrials = 8;

/**
 * Cameras that are added over the fleet, beside those of the settings file, which stays its owner's.
 *
 * INVARIANTS
 * - Nothing is added that has not given a picture here, and of no kind that the settings do not allow.
 * - A password comes once, with the trial, and is never given back.
 */
export class CameraSetup {
  readonly #ports: CameraSetupPorts;
  readonly #pace = new Pace(12, 60_000);
  readonly #trials = new Map<string, CheckedCamera>();
  #trying = false;

  constructor(ports: CameraSetupPorts) {
    this.#ports = ports;
  }

  get kinds(): readonly AddedKind[] {
    return this.#ports.kinds;
  }

  async try({ id, camera, role }: CallRequestOf<'try-camera'>): Promise<CallResultOf<'try-camera'>> {
    this.#expectAllowed();
    const { clock, check, take, forget } = this.#ports;
    if (this.#trying || this.#trials.has(id))
      throw new LimitError(
        'camera-trying',
        'The device is testing another camera.',
        'Try again in a minute.',
      );
    this.#trying = true;
    try {
      const checked = await check(id, camera);
      this.#expectAllowed(checked.kind);
      try {
        const trial = await take(checked, role);
        this.#keep(id, checked);
        clock.after(trialMs, () => void this.#drop(id));
        return trial;
      } catch (error) {
        await forget(checked);
        throw error;
      }
    } finally {
      this.#trying = false;
    }
  }

  async add({ name, trial }: CallRequestOf<'add-camera'>): Promise<void> {
    this.#expectAllowed();
    const tried = this.#trials.get(trial);
    if (tried === undefined)
      throw new MissingError(
        'camera-untried',
        'The device does not have this picture of a camera, or deleted it.',
        'Try the camera again, then add it.',
      );
    const { own, most, list, save } = this.#ports;
    const added = await list();
    this.#expectFree(name, added);
    if (own.length + Object.keys(added).length >= most)
      throw new LimitError(
        'cameras-many',
        `The device has ${counted(most, 'camera')}, the most that it can have.`,
        'Remove one.',
      );
    const { kind: _, ...camera } = tried;
    await save({ ...added, [name]: camera });
    this.#trials.delete(trial);
  }

  async remove({ name }: CallRequestOf<'remove-camera'>): Promise<void> {
    this.#expectAllowed();
    const { [name]: _, ...left } = await this.#expectAdded(name);
    await this.#ports.save(left);
  }

  async rename({ name, to }: CallRequestOf<'rename-camera'>): Promise<void> {
    this.#expectAllowed();
    const { [name]: camera, ...left } = await this.#expectAdded(name);
    this.#expectFree(to, left);
    await this.#ports.save({ ...left, [to]: camera as AddedCamera });
  }

  #keep(id: string, camera: CheckedCamera): void {
    this.#trials.set(id, camera);
    const [oldest] = this.#trials.keys();
    if (this.#trials.size > mostTrials && oldest !== undefined) void this.#drop(oldest);
  }

  async #drop(id: string): Promise<void> {
    const camera = this.#trials.get(id);
    this.#trials.delete(id);
    if (camera !== undefined) await this.#ports.forget(camera);
  }

  async #expectAdded(name: string): Promise<AddedCameras> {
    const added = await this.#ports.list();
    if (Object.hasOwn(added, name)) return added;
    const isOwn = this.#ports.own.includes(name);
    throw new MissingError(
      'camera-not-added',
      isOwn ? `${name} is a camera of the device's settings file.` : `No camera ${name} was added.`,
      isOwn ? 'Its owner can change it in that file.' : 'List the cameras: goshawk device show.',
    );
  }

  #expectFree(name: string, added: AddedCameras): void {
    if (!this.#ports.own.includes(name) && !Object.hasOwn(added, name)) return;
    throw new InputError('camera-exists', `There is a camera ${name} already.`, 'Choose another name.');
  }

  #expectAllowed(kind?: AddedKind): void {
    const { kinds, clock } = this.#ports;
    const refuse = (what: string) =>
      new RefusedError(
        'remote-refused',
        `The settings of this device do not allow the fleet to ${what}.`,
        'Its owner names the kinds of cameras in remote.cameras in the settings of the agent.',
      );
    if (kinds.length === 0) throw refuse('add, rename or remove cameras');
    if (kind !== undefined) {
      if (!kinds.includes(kind)) throw refuse(`add cameras of the kind ${kind}`);
      return;
    }
    const waitMs = this.#pace.take(clock.monotonicMs());
    if (waitMs > 0)
      throw new LimitError(
        'remote-pace',
        'The fleet asks this device too often.',
        `Try again in ${Math.ceil(waitMs / 1000)} s.`,
      );
  }
}
