import type { DownloadIdentity } from '../../../adapters/oci/index.ts';
import { PeerServer, type ServedFile } from '../../../adapters/peers/index.ts';
import { type Cancel, type Clock, defined, describeError, type Log } from '../../../base/index.ts';
import type { ArtifactSettings } from '../../settings/artifacts.ts';

export interface PeerGivingPorts {
  readonly identity: () => DownloadIdentity | undefined;
  readonly files: () => Promise<ReadonlyMap<string, ServedFile>>;
  readonly engine?: (key: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A device that is let in later, and a certificate that is renewed, are seen within so long. */
const lookMs = 60_000;

/** Gives models to peers as soon as this device has a certificate. A port that can't be had costs the fleet bytes, no more. */
export class PeerGiving {
  readonly #settings: NonNullable<ArtifactSettings['peerServer']>;
  readonly #ports: PeerGivingPorts;
  readonly #stop: Cancel;
  #server: PeerServer | undefined;
  #looking: Promise<void>;
  #closed = false;

  constructor(settings: NonNullable<ArtifactSettings['peerServer']>, ports: PeerGivingPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#looking = this.#look();
    this.#stop = ports.clock.every(lookMs, () => {
      this.#looking = this.#looking.then(() => this.#look());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#looking;
    await this.#server?.close();
  }

  async #look(): Promise<void> {
    const { log, files, engine } = this.#ports;
    const identity = this.#ports.identity();
    if (identity === undefined || identity.key === '' || this.#closed) return;
    try {
      if (this.#server === undefined) {
        this.#server = await PeerServer.start({
          ...this.#settings,
          identity,
          files,
          log,
          ...defined({ engine }),
        });
        log.info('Models are given to peers', { port: this.#server.port });
      } else this.#server.use(identity);
    } catch (error) {
      log.warn('Models are not given to peers', { reason: describeError(error) });
    }
  }
}
