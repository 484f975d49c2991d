import type { Clock } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Repository } from './repository.ts';

/** For so long what all devices shall run is taken as it was, unless something is not among it. */
const rememberedMs = 1_000;

/** What devices may fetch: the bundles that they are ordered to run, and what refers to them. */
export class OrderedDigests {
  readonly #registry: Pick<DeviceRegistry, 'get' | 'devices'>;
  readonly #clock: Clock;
  #fleet: { readonly bundles: ReadonlySet<string>; readonly takenMs: number } | undefined;

  constructor(registry: Pick<DeviceRegistry, 'get' | 'devices'>, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** Whether this device is ordered to run it; without a device: whether any is. */
  isOrdered(device: string | undefined, bundle: string): boolean {
    if (device !== undefined) return bundlesOf(this.#registry.get(device)).includes(bundle);
    return (
      this.#ofFleet().has(bundle) ||
      (this.#fleet?.takenMs !== this.#clock.monotonicMs() && this.#anew().has(bundle))
    );
  }

  /** Whether a device may read this blob or manifest of a repository. */
  mayRead(device: string | undefined, repository: Repository, digest: string): boolean {
    const allowed = new Set<string>();
    for (const manifest of repository.manifests())
      if (manifest.bundle !== undefined && this.isOrdered(device, manifest.bundle)) {
        if (manifest.digest === digest || manifest.blobs.includes(digest)) return true;
        allowed.add(manifest.digest);
      }
    // Other forms of these: what says that it is about one of them, and what says so of that.
    for (let round = 0; round < 2; round += 1)
      for (const manifest of repository.manifests())
        if (manifest.subject !== undefined && allowed.has(manifest.subject)) {
          if (manifest.digest === digest || manifest.blobs.includes(digest)) return true;
          allowed.add(manifest.digest);
        }
    return false;
  }

  #ofFleet(): ReadonlySet<string> {
    const known = this.#fleet;
    if (known !== undefined && this.#clock.monotonicMs() - known.takenMs < rememberedMs) return known.bundles;
    return this.#anew();
  }

  #anew(): ReadonlySet<string> {
    const bundles = new Set([...this.#registry.devices()].flatMap((device) => bundlesOf(device)));
    this.#fleet = { bundles, takenMs: this.#clock.monotonicMs() };
    return bundles;
  }
}

function bundlesOf(device: Device | undefined): string[] {
  return Object.values(device?.desired?.slots ?? {}).map(({ model }) => model.digest);
}
