import { isPrivateLabel } from './private-boxes.ts';

/** `blurred`: what the model knows of persons, faces and plates is hidden. `boxes`: no pixels at all, boxes alone. */
export const pictureModes = ['plain', 'blurred', 'boxes'] as const;
export type PictureMode = (typeof pictureModes)[number];

/** Roles of people who watch; `any`: a controller that does not say for whom it asks. */
export const viewerRoles = ['viewer', 'operator', 'admin'] as const;
export type ViewerRole = (typeof viewerRoles)[number];
export type Viewer = ViewerRole | 'any';

export interface CameraPrivacy extends Readonly<Record<ViewerRole, PictureMode>> {
  /** Of hard frames, at the least; absent: what the fleet wants of them. */
  readonly frames?: PictureMode | undefined;
}

export const usualPrivacy: CameraPrivacy = { viewer: 'blurred', operator: 'blurred', admin: 'blurred' };

export interface PrivacyPorts {
  readonly cameras: Readonly<Record<string, CameraPrivacy>>;
  /** Classes that the camera's settings ask for; empty: all. */
  readonly classes: (camera: string) => readonly string[];
}

/**
 * One rule for every picture that leaves the device: the device's own settings, which nobody can loosen over the fleet.
 *
 * INVARIANTS
 * - Whom a picture is for is not known: it is as private as for the strictest role.
 * - A model that knows persons, and is not asked for them, can't hide them: then there are boxes alone.
 */
export class PrivacyRule {
  readonly #ports: PrivacyPorts;

  constructor(ports: PrivacyPorts) {
    this.#ports = ports;
  }

  /** `labels`: classes of the model that serves. */
  preview(camera: string, viewer: Viewer, labels: readonly string[]): PictureMode {
    const privacy = this.#of(camera);
    const wanted = viewer === 'any' ? strictest(viewerRoles.map((role) => privacy[role])) : privacy[viewer];
    return this.#within(wanted, camera, labels);
  }

  /** `blur`: what the fleet wants. */
  frames(camera: string, blur: boolean, labels: readonly string[]): PictureMode {
    const { frames = 'plain' } = this.#of(camera);
    return this.#within(strictest([frames, blur ? 'blurred' : 'plain']), camera, labels);
  }

  /** As it is reported: the rule, and what the model can hide. */
  report(camera: string, labels: readonly string[]) {
    const { frames, ...roles } = this.#of(camera);
    return {
      ...roles,
      ...(frames === undefined ? {} : { frames }),
      hides: this.#missed(camera, labels).length > 0 ? [] : labels.filter(isPrivateLabel).slice(0, 100),
    };
  }

  #of(camera: string): CameraPrivacy {
    return this.#ports.cameras[camera] ?? usualPrivacy;
  }

  #within(mode: PictureMode, camera: string, labels: readonly string[]): PictureMode {
    return mode === 'blurred' && this.#missed(camera, labels).length > 0 ? 'boxes' : mode;
  }

  /** What the model would know and is not asked for. */
  #missed(camera: string, labels: readonly string[]): readonly string[] {
    const classes = this.#ports.classes(camera);
    return classes.length === 0
      ? []
      : labels.filter((label) => isPrivateLabel(label) && !classes.includes(label));
  }
}

export function strictest(modes: readonly PictureMode[]): PictureMode {
  return pictureModes[Math.max(...modes.map((mode) => pictureModes.indexOf(mode)))] ?? 'boxes';
}
