import type { PerceptionResult } from '../perception/index.ts';
import { type ResultMessage, resultFields, type SentDetection, type SentResult } from '../protocol/index.ts';

/** What of the results a stream carries. */
export interface Selection {
  /** Absent: all. */
  readonly cameras?: readonly string[] | undefined;
  /** Results a second of each camera and node, at most; absent: all. */
  readonly rate?: number | undefined;
  /** Absent: all. */
  readonly classes?: readonly string[] | undefined;
  readonly minScore?: number | undefined;
  /** Of `resultFields`; absent: all. */
  readonly fields?: readonly string[] | undefined;
}

/** A stamp is never exact: so much too early still counts. */
const earlyShare = 0.1;

/** Lets results through at a rate, evenly, by the stamps of their frames. */
export class RateGate {
  readonly #periodNs: number;
  readonly #due = new Map<string, number>();

  constructor(rate: number) {
    this.#periodNs = 1e9 / rate;
  }

  passes(key: string, stampNs: bigint): boolean {
    const now = Number(stampNs);
    const due = this.#due.get(key);
    // Stamps that go back, as of a recording that begins again, begin anew.
    const restarted = due !== undefined && due - now > 2 * this.#periodNs;
    if (due !== undefined && !restarted && now < due - this.#periodNs * earlyShare) return false;
    const late = due === undefined || restarted || now - due > this.#periodNs;
    this.#due.set(key, (late ? now : due) + this.#periodNs);
    return true;
  }
}

export function isSelected({ cameras }: Selection, { camera }: PerceptionResult): boolean {
  return cameras === undefined || cameras.includes(camera);
}

/** The message as this stream carries it. */
export function select(message: ResultMessage, { classes, minScore = 0, fields }: Selection): SentResult {
  const detections = message.detections.filter(
    ({ label, score }) => score >= minScore && (classes === undefined || classes.includes(label)),
  );
  if (fields === undefined) return { ...message, detections };
  const left = new Set(resultFields.filter((field) => !fields.includes(field)));
  return without(
    { ...message, detections: detections.map((one) => without<SentDetection>(one, left)) },
    left,
  );
}

function without<T extends object>(value: T, left: ReadonlySet<string>): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !left.has(name))) as T;
}
