import type { SitePlan } from '../../api/index.ts';
import { encodeUtf8, InputError, MissingError, RefusedError } from '../../base/index.ts';
import { type Descriptor, type DigestOf, imageManifestType, repositoryOf } from '../../model/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { OciRegistry } from '../registry/oci-registry.ts';
import type { ManifestRecord } from '../registry/ports.ts';
import { readBlob } from '../registry/read-blob.ts';

export interface SitePlansPorts {
  readonly oci: Pick<
    OciRegistry,
    'repositories' | 'manifest' | 'keepBytes' | 'putManifest' | 'deleteManifest' | 'read'
  >;
  readonly digestOf: DigestOf;
}

export interface PlanPicture {
  readonly bytes: Uint8Array;
  readonly type: string;
}

const prefix = 'site-plans';
const tag = 'current';
const planType = 'application/vnd.goshawk.site-plan.v1';
const emptyType = 'application/vnd.oci.empty.v1+json';
const empty = encodeUtf8('{}');
const siteAnnotation = 'org.opencontainers.image.title';
const mostPlans = 500;

/**
 * Pictures of sites, on which devices are placed. Each is an artifact of the registry, so that controllers share them, and the
 * backup has them.
 */
export class SitePlans {
  readonly #ports: SitePlansPorts;
  /** The newest change: each replaces what the one before it left. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(ports: SitePlansPorts) {
    this.#ports = ports;
  }

  /** By site. */
  list(): SitePlan[] {
    const { oci } = this.#ports;
    return oci
      .repositories()
      .filter((name) => name.startsWith(`${prefix}/`))
      .flatMap((name) => this.#currentOf(name) ?? [])
      .flatMap((record) => planOf(record) ?? [])
      .sort((a, b) => (a.site < b.site ? -1 : 1));
  }

  /** MissingError `site-plan-unknown`, also for a site that is not seen. */
  async read(site: string, isSeen: (site: string) => boolean): Promise<PlanPicture> {
    const record = isSeen(site) ? this.#currentOf(repositoryOf(site, prefix)) : undefined;
    const digest = record?.blobs.find((one) => one !== this.#ports.digestOf(empty));
    if (digest === undefined) throw planUnknown(site);
    const bytes = await readBlob(this.#ports.oci, digest);
    return { bytes, type: typeOf(bytes) };
  }

  /** InputError `site-plan-form` for what is not a picture, RefusedError `site-plans-full`. */
  put(caller: Caller, site: string, bytes: Uint8Array): Promise<SitePlan> {
    return this.#inTurn(() => this.#put(caller, site, bytes));
  }

  /** MissingError `site-plan-unknown`. */
  delete(caller: Caller, site: string): Promise<void> {
    return this.#inTurn(async () => {
      const name = repositoryOf(site, prefix);
      const record = this.#currentOf(name);
      if (record === undefined) throw planUnknown(site);
      await this.#ports.oci.deleteManifest(caller, name, record.digest);
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #put(caller: Caller, site: string, bytes: Uint8Array): Promise<SitePlan> {
    const { oci, digestOf } = this.#ports;
    const mediaType = typeOf(bytes);
    const name = repositoryOf(site, prefix);
    const before = this.#currentOf(name);
    if (before === undefined && this.list().length >= mostPlans) throw plansFull();
    const config: Descriptor = { mediaType: emptyType, digest: digestOf(empty), size: empty.byteLength };
    const layer: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    const manifest = encodeUtf8(
      JSON.stringify({
        ...{ schemaVersion: 2, mediaType: imageManifestType, artifactType: planType },
        ...{ config, layers: [layer], annotations: { [siteAnnotation]: site, size: `${bytes.byteLength}` } },
      }),
    );
    await oci.keepBytes(name, [
      { bytes: empty, digest: config.digest },
      { bytes, digest: layer.digest },
    ]);
    const record = await oci.putManifest(caller, name, tag, async () => manifest, {
      contentType: imageManifestType,
    });
    if (before !== undefined && before.digest !== record.digest)
      await oci.deleteManifest(caller, name, before.digest);
    return { site, sizeBytes: bytes.byteLength, changedMs: record.pushedMs };
  }

  #currentOf(name: string): ManifestRecord | undefined {
    try {
      return this.#ports.oci.manifest(name, tag);
    } catch (error) {
      if (error instanceof MissingError) return undefined;
      throw error;
    }
  }
}

function planOf({ artifactType, annotations, pushedMs }: ManifestRecord): SitePlan | undefined {
  const site = annotations?.[siteAnnotation];
  const size = Number(annotations?.size);
  if (artifactType !== planType || site === undefined || !Number.isSafeInteger(size)) return undefined;
  return { site, sizeBytes: size, changedMs: pushedMs };
}

const beginnings: readonly (readonly [type: string, at: number, bytes: readonly number[]])[] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/webp', 8, [0x57, 0x45, 0x42, 0x50]],
];

/** By its first bytes: nothing that could hold a script. */
function typeOf(bytes: Uint8Array): string {
  const found = beginnings.find(([, at, head]) => head.every((byte, index) => bytes[at + index] === byte));
  if (found !== undefined) return found[0];
  throw new InputError(
    'site-plan-form',
    'The plan is not a PNG, JPEG or WebP picture.',
    'Save the plan as PNG, and upload that file.',
  );
}

function planUnknown(site: string): MissingError {
  return new MissingError('site-plan-unknown', `The site ${site} has no plan.`, 'Upload one: docs/sites.md.');
}

function plansFull(): RefusedError {
  return new RefusedError(
    'site-plans-full',
    `${mostPlans} sites have a plan.`,
    'Delete a plan that you no longer need.',
  );
}
