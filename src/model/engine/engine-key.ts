import { type Static, Type } from '@sinclair/typebox';
import { Digest } from '../manifest.ts';

/**
 * Everything a compiled engine depends on. TensorRT's plans are good for one version, one GPU and one way of building;
 * a plan with another fingerprint is another plan, never a candidate.
 */
export const EngineFingerprint = Type.Object(
  {
    /** Of the ONNX file's bytes. */
    model: Digest,
    precision: Type.String({ maxLength: 40 }),
    /** Per input the profile `min,opt,max`; empty where every shape is fixed. */
    profiles: Type.Record(Type.String(), Type.String()),
    workspaceBytes: Type.Integer({ minimum: 0 }),
    flags: Type.Array(Type.String(), { maxItems: 64 }),
    /** null: the GPU. */
    dlaCore: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
    /** major.minor.patch.build */
    tensorrt: Type.String({ maxLength: 40 }),
    cudaDriver: Type.String({ maxLength: 40 }),
    /** E.g. `8.7`. */
    computeCapability: Type.String({ maxLength: 10 }),
    smCount: Type.Integer({ minimum: 0 }),
    board: Type.String({ maxLength: 200 }),
    pluginAbi: Type.String({ maxLength: 20 }),
  },
  { additionalProperties: false },
);
export type EngineFingerprint = Static<typeof EngineFingerprint>;

/** Flag of a plan that lies encrypted, for a model that does: it is never given away. */
export const encryptedPlan = 'encrypted';

/** Lower-case hex sha256 of a text's UTF-8 bytes; a port, because this room computes nothing of its own. */
export type Sha256 = (text: string) => string;

/** Name of the entry in the cache: the same for fingerprints that differ only in the order of their parts. */
export function engineKey(fingerprint: EngineFingerprint, sha256: Sha256): string {
  return sha256(canonical({ ...fingerprint, flags: [...fingerprint.flags].sort() }));
}

/** JSON with sorted keys: one text per value. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The most scratch memory that a build may take. */
export const mostWorkspaceBytes = 2 ** 30;
const leastWorkspaceBytes = 64 * 2 ** 20;

/**
 * How much scratch memory a build may take, most first: a quarter of what is free, at most 1 GiB, then half of that and so
 * on. Boards with 4 and 8 GB run out of memory with TensorRT's own default, which is all there is.
 */
export function workspaceSteps(availableBytes: number): number[] {
  const steps: number[] = [];
  for (
    let bytes = Math.min(availableBytes / 4, mostWorkspaceBytes);
    bytes >= leastWorkspaceBytes;
    bytes /= 2
  ) {
    steps.push(Math.floor(bytes));
  }
  return steps.length > 0 ? steps : [leastWorkspaceBytes];
}
