import { defined } from '../base/index.ts';
import {
  type Box,
  type Detection,
  type DetectionSettings,
  type DetectorIdentity,
  defaultDetectionSettings,
  type PerceptionResult,
  type Point,
} from '../perception/index.ts';
import { isPersonLabel, isPrivateLabel, privateBoxes } from './private-boxes.ts';
import type { OtherNode, PrivateFindings } from './private-findings.ts';

/** `blurred`: what the model knows of persons, faces and plates is hidden. `boxes`: no pixels at all, boxes alone. */
const pictureModes = ['plain', 'blurred', 'boxes'] as const;
export type PictureMode = (typeof pictureModes)[number];

/** Corners in their order, as parts of the picture from its left and its top, 0..1. */
export type Polygon = readonly Point[];

/** Roles of people who watch. */
export const viewerRoles = ['viewer', 'operator', 'admin'] as const;
export type ViewerRole = (typeof viewerRoles)[number];

export interface CameraPrivacy extends Readonly<Record<ViewerRole, PictureMode>> {
  /** Of hard frames, at the least; absent: what the fleet wants of them. */
  readonly frames?: PictureMode | undefined;
  /** On the robot's own graph, where nobody knows who listens; absent: as for the strictest role. */
  readonly graph?: PictureMode | undefined;
  /** Of clips; absent: as for the strictest role. */
  readonly clips?: PictureMode | undefined;
  /** What is found with this score or more is hidden, whatever the fleet reports; absent: `usualHideScore`. */
  readonly hideScore?: number | undefined;
  /** Always black, in every mode. */
  readonly masks?: readonly Polygon[] | undefined;
}

/** A doubtful person is hidden too. */
const usualHideScore = 0.1;

export const usualPrivacy: CameraPrivacy = { viewer: 'blurred', operator: 'blurred', admin: 'blurred' };

/** Below it a person who stands before another one takes the other's box away. */
const leastIou = defaultDetectionSettings.iouThreshold;

export interface PrivacyPorts {
  readonly cameras: Readonly<Record<string, CameraPrivacy>>;
  /** Of the camera's settings, which the fleet writes. */
  readonly settings: (camera: string) => Pick<DetectionSettings, 'iouThreshold'>;
  /** What nodes beside the main one find; absent: there are none. */
  readonly findings?: PrivateFindings;
}

export type SeenPicture = Pick<PerceptionResult, 'camera' | 'width' | 'height' | 'sought'> & {
  readonly detections: readonly Detection[];
};

/** Labels of what a model finds in a picture: one that says what the whole of it shows finds nobody in it. */
export function foundLabels({ task, labels }: Pick<DetectorIdentity, 'task' | 'labels'>): readonly string[] {
  return task === 'classification' ? noLabels : labels;
}
const noLabels: readonly string[] = [];

/**
 * One rule for every picture that leaves the device: the device's own settings, which nobody can loosen over the fleet.
 *
 * INVARIANTS
 * - Whom a picture is for is not known: it is as private as for the strictest role.
 * - What is hidden is what models found before the settings of a camera left anything out.
 * - Where no model that knows persons has looked at the picture, or the settings of the fleet keep it from finding them, there
 *   are boxes alone. So it is until a further model that looks at frames, and knows persons, faces or plates, has looked.
 */
export class PrivacyRule {
  readonly #ports: PrivacyPorts;

  constructor(ports: PrivacyPorts) {
    this.#ports = ports;
  }

  /** `labels`: classes of the model that serves. */
  preview(camera: string, viewer: ViewerRole, labels: readonly string[]): PictureMode {
    return this.#within(this.#of(camera)[viewer], camera, labels);
  }

  graph(camera: string, labels: readonly string[]): PictureMode {
    const privacy = this.#of(camera);
    return this.#within(privacy.graph ?? strictestOf(privacy), camera, labels);
  }

  /** `blur`: what the fleet wants. */
  frames(camera: string, blur: boolean, labels: readonly string[]): PictureMode {
    const { frames = 'plain' } = this.#of(camera);
    return this.#within(strictest([frames, blur ? 'blurred' : 'plain']), camera, labels);
  }

  /** A clip is made once, whoever plays it. */
  clips(camera: string, labels: readonly string[]): PictureMode {
    const privacy = this.#of(camera);
    return this.#within(privacy.clips ?? strictestOf(privacy), camera, labels);
  }

  /** Always black, whoever sees the picture. */
  masks(camera: string): readonly Polygon[] {
    return this.#of(camera).masks ?? [];
  }

  /** Models are asked for what is to be hidden down to this score. */
  hideScore(camera: string): number {
    return this.#of(camera).hideScore ?? usualHideScore;
  }

  /** What is hidden on the picture of a result where it is to be blurred: what any model of the camera found. */
  hidden(result: SeenPicture): { readonly boxes: readonly Box[]; readonly labels: readonly string[] } {
    const { camera, detections, sought = [], width, height } = result;
    const others = this.#ports.findings?.of(camera) ?? [];
    const least = this.hideScore(camera);
    const found = [...detections, ...sought, ...others].filter(({ score }) => score >= least);
    return privateBoxes(found, width, height);
  }

  /** As it is reported: the rule, and what the models can hide. */
  report(camera: string, labels: readonly string[]) {
    const { frames, graph, clips, masks = [], hideScore, ...roles } = this.#of(camera);
    return {
      ...roles,
      ...defined({ frames, graph, clips, hideScore }),
      ...(masks.length === 0 ? {} : { masks: masks.length }),
      hides: this.#missed(camera).length > 0 ? [] : this.#known(camera, labels).slice(0, 100),
    };
  }

  #of(camera: string): CameraPrivacy {
    return this.#ports.cameras[camera] ?? usualPrivacy;
  }

  #within(mode: PictureMode, camera: string, labels: readonly string[]): PictureMode {
    if (mode !== 'blurred') return mode;
    const unheard = this.#ports.findings?.unheard(camera) ?? [];
    const sure =
      unheard.length === 0 && this.#missed(camera).length === 0 && this.#findsPersons(camera, labels);
    return sure ? mode : 'boxes';
  }

  /** In the picture itself, or just before it. */
  #findsPersons(camera: string, labels: readonly string[]): boolean {
    const { findings, settings } = this.#ports;
    // Persons who stand close are one box to a low IoU.
    if (labels.some(isPersonLabel)) return settings(camera).iouThreshold >= leastIou;
    return findings?.others(camera).some((other) => this.#findsPersonsNow(camera, other)) ?? false;
  }

  #findsPersonsNow(camera: string, { node, labels, frames, iouThreshold = leastIou }: OtherNode): boolean {
    const knows = frames && labels.some(isPersonLabel) && iouThreshold >= leastIou;
    return knows && this.#ports.findings?.hasLooked(camera, node) === true;
  }

  #known(camera: string, labels: readonly string[]): string[] {
    const others = this.#ports.findings?.others(camera) ?? [];
    const all = [...labels, ...others.flatMap((other) => (other.working ? other.labels : []))];
    return [...new Set(all.filter(isPrivateLabel))];
  }

  /** What models on crops would know and are not asked for; on frames all of it is found anyway. */
  #missed(camera: string): readonly string[] {
    const others = this.#ports.findings?.others(camera) ?? [];
    return others.flatMap(({ labels: known, classes, frames }) =>
      frames || classes.length === 0
        ? []
        : known.filter((label) => isPrivateLabel(label) && !classes.includes(label)),
    );
  }
}

export function strictest(modes: readonly PictureMode[]): PictureMode {
  return pictureModes[Math.max(...modes.map((mode) => pictureModes.indexOf(mode)))] ?? 'boxes';
}

function strictestOf(privacy: CameraPrivacy): PictureMode {
  return strictest(viewerRoles.map((role) => privacy[role]));
}
