import type { DetectionSettings } from '../detection.ts';
import { mainNode, mainSlot, type SlotName } from './names.ts';

/** A node looks at what another one found, cut out of the frame. */
export interface CropInput {
  readonly node: string;
  /** Labels whose boxes are cut out; default all. */
  readonly classes?: readonly string[];
  /** Smallest score of such a box, 0..1; default 0. */
  readonly minScore?: number;
  /** Widens the box on each side by this share of its width and height, 0..4; default 0. */
  readonly expand?: number;
  /** Strongest boxes taken of one frame; default 16. */
  readonly maxCrops?: number;
  /** A rotated box is cut out along its sides and comes upright, as a line of text is read; default: the upright box around it. */
  readonly rotate?: boolean;
}

/** How a node whose model gives embeddings tells who is who. */
export interface ReidSettings {
  /** Largest cosine distance of two pictures of the same, 0..2; default 0.25. */
  readonly maxDistance?: number;
  /** Weight of looks beside motion when boxes are matched from frame to frame, 0..1; default 0.5. */
  readonly weight?: number;
  /** Who is gone for so long is forgotten, seconds; default 30. */
  readonly keepSeconds?: number;
}

/** One node of a camera's graph, as its settings say it. */
export interface NodeSettings {
  readonly name: string;
  /** Whose model looks; default the main one. */
  readonly slot?: SlotName;
  /** What it looks at; default the frame. */
  readonly input?: 'frame' | CropInput;
  /** Takes every n-th frame of its input; default 1. */
  readonly every?: number;
  /** Takes a frame only when something moved; `threshold`: the share of the picture that must have changed, default 0.01. */
  readonly onMotion?: true | { readonly threshold: number };
  /** Under overload it gets turns in this proportion; default 1. */
  readonly weight?: number;
  /** From a frame's arrival to the node's result; those with one go before those without. */
  readonly deadlineMs?: number;
  /** `shadow`: its results are compared and reach no sink. Default `serve`. */
  readonly role?: 'serve' | 'shadow';
  /** Of a shadow: the serving node that it is compared with; default the main node. */
  readonly against?: string;
  /** Of a shadow: its share of the engines' time, 0..1; default 0.1. */
  readonly budget?: number;
  /** Thresholds of its own; default those of the camera, with all classes. Those of the main node are the camera's. */
  readonly settings?: Partial<DetectionSettings>;
  /** Of a node with a model of embeddings, on the boxes of a node on frames: that node's tracks follow looks, too. Default: off. */
  readonly reid?: ReidSettings;
}

export const defaultNodes: readonly NodeSettings[] = [{ name: mainNode, slot: mainSlot, input: 'frame' }];

/** A node with everything said. */
export interface GraphNode {
  readonly name: string;
  readonly slot: SlotName;
  /** Undefined: the frame. */
  readonly crops: Required<CropInput> | undefined;
  readonly every: number;
  /** Undefined: whether anything moves or not. */
  readonly motionThreshold: number | undefined;
  readonly weight: number;
  readonly deadlineMs: number | undefined;
  readonly shadow: boolean;
  /** Of a shadow. */
  readonly against: string;
  readonly budget: number;
  readonly settings: Partial<DetectionSettings>;
  readonly reid: Required<ReidSettings> | undefined;
}

export const defaultReid: Required<ReidSettings> = { maxDistance: 0.25, weight: 0.5, keepSeconds: 30 };

export function graphNode(node: NodeSettings, against: string): GraphNode {
  const { input = 'frame', onMotion } = node;
  return {
    name: node.name,
    slot: node.slot ?? mainSlot,
    crops:
      input === 'frame'
        ? undefined
        : { classes: [], minScore: 0, expand: 0, maxCrops: 16, rotate: false, ...input },
    every: node.every ?? 1,
    motionThreshold: onMotion === undefined ? undefined : onMotion === true ? 0.01 : onMotion.threshold,
    weight: node.weight ?? 1,
    deadlineMs: node.deadlineMs,
    shadow: node.role === 'shadow',
    against: node.against ?? against,
    budget: node.budget ?? 0.1,
    settings: node.settings ?? {},
    reid: node.reid === undefined ? undefined : { ...defaultReid, ...node.reid },
  };
}
