import type { Clock } from '../base/index.ts';
import type { Detection, DetectionSink, PerceptionResult, TrackedDetection } from '../perception/index.ts';
import { isPrivateLabel } from './private-boxes.ts';

/** A serving node of a camera's graph beside its main one, and what its model knows. */
export interface OtherNode {
  readonly node: string;
  /** Empty where its slot has no model. */
  readonly labels: readonly string[];
  /** It is asked for these alone; empty: all. */
  readonly classes: readonly string[];
  /** Of its own settings; absent: the usual one. */
  readonly iouThreshold?: number;
  /** It looks at frames; else at pieces of them. */
  readonly frames: boolean;
  /** Its model is there, and no step of the ladder lets it rest. */
  readonly working: boolean;
}

export interface PrivateFindingsPorts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly others: (camera: string) => readonly OtherNode[];
}

interface Seen {
  readonly node: string;
  readonly detection: Detection;
  readonly atMs: number;
}

/** What was found stays hidden so long: nodes have rates of their own, and what moves leaves its box. */
const holdMs = 2_000;
const mostSeen = 1_000;

/**
 * What nodes beside the main one found of persons, faces and plates: in crops, and on frames. It comes with other frames
 * than the picture that somebody sees, so it is held for a while; of a node on frames, which may rest while nothing moves,
 * until its next result.
 */
export class PrivateFindings implements DetectionSink {
  readonly nodes = 'all';
  readonly #ports: PrivateFindingsPorts;
  readonly #seen = new Map<string, Seen[]>();
  /** Camera and node: when it last gave a result, monotonic. */
  readonly #heardMs = new Map<string, number>();
  /** Nodes whose model knew persons, faces or plates: one that is gone may come back, and sees nothing meanwhile. */
  readonly #knew = new Set<string>();

  constructor(ports: PrivateFindingsPorts) {
    this.#ports = ports;
  }

  get others(): PrivateFindingsPorts['others'] {
    return this.#ports.others;
  }

  publish({ camera, node = '', detections, sought = [] }: PerceptionResult): void {
    const others = this.#ports.others(camera);
    if (others.length === 0) {
      this.#seen.delete(camera);
      return;
    }
    const atMs = this.#ports.clock.monotonicMs();
    const besides = others.some((other) => other.node === node && other.frames);
    const found: Seen[] = [];
    const note = (detection: Detection, by: string) => {
      if (isPrivateLabel(detection.label)) found.push({ node: by, detection, atMs });
    };
    for (const detection of besides ? sought : []) note(detection, node);
    for (const detection of detections) {
      if (besides) note(detection, node);
      eachInside(detection, note);
    }
    const kept = (this.#seen.get(camera) ?? []).filter((seen) => this.#holds(seen, camera, node, atMs));
    this.#seen.set(camera, [...kept, ...found].slice(-mostSeen));
    this.#heardMs.set(keyOf(camera, node), atMs);
  }

  /** What has to be hidden on a picture of now, whichever node found it. */
  of(camera: string): readonly Detection[] {
    const atMs = this.#ports.clock.monotonicMs();
    return (this.#seen.get(camera) ?? [])
      .filter((seen) => this.#holds(seen, camera, undefined, atMs))
      .map(({ detection }) => detection);
  }

  /** Nodes that would find persons, faces or plates, and do not look: at rest, without their model, or not yet. */
  unheard(camera: string): readonly string[] {
    return this.#ports
      .others(camera)
      .filter(({ node, labels }) => this.#knows(keyOf(camera, node), labels))
      .filter(({ node, frames, working }) => !working || (frames && !this.#heardMs.has(keyOf(camera, node))))
      .map(({ node }) => node);
  }

  /** A node on frames gave a result just before. */
  hasLooked(camera: string, node: string): boolean {
    const heardMs = this.#heardMs.get(keyOf(camera, node));
    return heardMs !== undefined && this.#ports.clock.monotonicMs() - heardMs < holdMs;
  }

  #knows(key: string, labels: readonly string[]): boolean {
    if (labels.some(isPrivateLabel)) this.#knew.add(key);
    else if (labels.length > 0) this.#knew.delete(key);
    return this.#knew.has(key);
  }

  /** `answered`: the node whose next result is just here. */
  #holds({ node, atMs }: Seen, camera: string, answered: string | undefined, nowMs: number): boolean {
    if (nowMs - atMs < holdMs) return true;
    const other = this.#ports.others(camera).find((one) => one.node === node);
    return other?.frames === true && node !== answered && this.#heardMs.get(keyOf(camera, node)) === atMs;
  }
}

/** What later nodes found in a detection; what a classifier called private is the whole of it. */
function eachInside(detection: TrackedDetection, note: (detection: Detection, node: string) => void): void {
  for (const { label, node } of detection.attributes ?? []) note({ ...detection, label }, node);
  for (const child of detection.children ?? []) {
    note(child, child.node);
    eachInside(child, note);
  }
}

function keyOf(camera: string, node: string): string {
  return `${camera} ${node}`;
}
