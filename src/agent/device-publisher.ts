import { type Clock, describeError, type Log } from '../base/index.ts';
import { type CameraSettings, hasRules } from '../perception/index.ts';
import {
  decodePayload,
  encodePayload,
  messageOf,
  type PayloadOf,
  type PipelineSettings,
  type Preview,
  type TopicFrom,
  type Transport,
} from '../protocol/index.ts';
import type { Sending } from '../telemetry/index.ts';

type PlainTopic = Exclude<TopicFrom<'device'>, 'preview'>;

/** What one device sends, each on its topic. */
export class DevicePublisher {
  readonly #device: string;
  readonly #transport: Transport;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #log: Log;
  readonly #previewsUnderWay = new Set<string>();

  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(device: string, transport: Transport, clock: Pick<Clock, 'monotonicMs'>, log: Log) {
    this.#device = device;
    this.#transport = transport;
    this.#clock = clock;
    this.#log = log;
  }

  get online(): boolean {
    return this.#transport.status().state === 'online';
  }

  /** Monotonic: when something left that says that the device is there. */
  get saidMs(): number {
    return this.#saidMs;
  }

  /** False when it could not be sent; the next connection begins with it anyway. */
  async publish<K extends PlainTopic>(kind: K, payload: PayloadOf<K>): Promise<boolean> {
    try {
      await this.#transport.publish(messageOf<PlainTopic>(kind, encodePayload(kind, payload), this.#device));
      this.#saidMs = this.#clock.monotonicMs();
      return true;
    } catch (error) {
      this.#log[this.online ? 'warn' : 'debug'](`The ${kind} was not sent`, { reason: describeError(error) });
      return false;
    }
  }

  /** An entry of the outbox; rejects when it did not leave. */
  async send({ kind, payload, thinned, late }: Sending): Promise<void> {
    const metrics = kind === 'metrics';
    let bytes = payload;
    if (metrics && (late || thinned > 0)) {
      // Only now it is known that the batch comes late and what was given up before it.
      const batch = decodePayload('metrics', payload, 'the outbox');
      bytes = encodePayload('metrics', { ...batch, historical: late, ...(thinned > 0 ? { thinned } : {}) });
    }
    await this.#transport.publish(messageOf(metrics ? 'metrics' : 'events', bytes, this.#device));
    this.#saidMs = this.#clock.monotonicMs();
  }

  /** True while a picture of this camera is on its way: the next one would only queue behind it. */
  previewUnderWay(camera: string): boolean {
    return this.#previewsUnderWay.has(camera);
  }

  /** Lost when there is no connection. */
  async preview(camera: string, preview: Preview): Promise<void> {
    this.#previewsUnderWay.add(camera);
    try {
      const payload = encodePayload('preview', preview);
      await this.#transport.publish(messageOf('preview', payload, this.#device, camera));
    } catch (error) {
      this.#log.debug('A preview was not sent', { camera, reason: describeError(error) });
    } finally {
      this.#previewsUnderWay.delete(camera);
    }
  }
}

/** As they are reported. */
export function settingsOf(settings: CameraSettings): PipelineSettings {
  const { enabled, scoreThreshold, iouThreshold, maxDetections, classes, nodes, rules } = settings;
  return {
    ...{ enabled, scoreThreshold, iouThreshold, maxDetections, classes: [...classes] },
    ...(nodes === undefined ? {} : { nodes: [...nodes] as NonNullable<PipelineSettings['nodes']> }),
    ...(hasRules(rules) ? { rules: rules as NonNullable<PipelineSettings['rules']> } : {}),
  };
}
