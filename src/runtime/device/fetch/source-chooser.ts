import { DeviceRegistryClient, type DownloadIdentity } from '../../../adapters/downloads/index.ts';
import { defined, RefusedError } from '../../../base/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import type { BundleSource } from './bundle-source.ts';
import { OrderSource } from './order-source.ts';
import { RegistrySource } from './registry-source.ts';

export interface SourceOptions {
  /** Of the settings, or the controller that the device is enrolled with; asked for each order. */
  readonly registry: () => string | undefined;
  readonly repositoryPrefix?: string;
  readonly token?: string | undefined;
  readonly identity?: (() => DownloadIdentity | undefined) | undefined;
  /** Machines that this device's own settings name: the broker. Undefined: any (a test). */
  readonly hosts?: (() => readonly string[]) | undefined;
}

/**
 * Where an order's model comes from: the registry of the device's own settings. The address in the order counts only where
 * none is named, and only on a machine that the settings name: who can write orders must not learn the device's token, nor
 * make it fetch from anywhere.
 */
export class SourceChooser {
  readonly #options: SourceOptions;
  #known: { readonly url: string; readonly source: RegistrySource } | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  choose(model: DesiredModel): BundleSource | undefined {
    const url = this.#options.registry();
    if (url !== undefined) {
      if (this.#known?.url === url) return this.#known.source;
      const { token, identity, repositoryPrefix } = this.#options;
      const source = new RegistrySource(new DeviceRegistryClient({ url, token, identity }), repositoryPrefix);
      this.#known = { url, source };
      return source;
    }
    return model.url === undefined ? undefined : this.#fromOrder(model.url);
  }

  #fromOrder(url: string): BundleSource {
    const { hosts, token, identity } = this.#options;
    const known = hosts?.();
    if (known !== undefined && !known.some((host) => sameMachine(host, hostOf(url)))) {
      throw new RefusedError(
        'order-address',
        `The order sends to ${hostOf(url) ?? 'nowhere'} for the model; this device's own settings do not name that machine.`,
        'Name the registry or the controller in the settings of the agent (artifacts.registry).',
      );
    }
    return new OrderSource(url, () => {
      const shown = identity?.();
      return {
        ...defined({ token, identity: shown }),
      };
    });
  }
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

function sameMachine(one: string, other: string | undefined): boolean {
  return other !== undefined && (one === other || (loopback.includes(one) && loopback.includes(other)));
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
