import type { Attributes } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import {
  type ISerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { asGoshawkError, type Cancel, type Clock, type Log, type LogFields } from '../../base/index.ts';
import type { DetectionSink } from '../../perception/index.ts';
import type { FollowedOrder } from '../../protocol/index.ts';
import { ChosenIds } from './chosen-ids.ts';
import { FrameTraces } from './frame-traces.ts';
import { metricData, type ShownMetric } from './metrics.ts';
import { traceOrder } from './order-traces.ts';
import type { OtlpSender } from './sender.ts';

export interface OtlpExportOptions {
  /** Of whom everything is: service.name, service.version, service.instance.id. */
  readonly resource: Readonly<Record<string, string>>;
  /** Share of the frames that are traced, 0..1. */
  readonly frameRatio: number;
  readonly metricsEverySeconds: number;
  readonly logs: boolean;
}

export interface OtlpExportPorts {
  readonly sender: Pick<OtlpSender, 'post'>;
  readonly clock: Clock;
  /** Where it is said that nobody takes them; not sent itself. */
  readonly log: Log;
  readonly random: () => number;
  readonly metrics?: () => Promise<readonly ShownMetric[]>;
}

const mostWaiting = 2_048;
/** ExportResultCode of the SDK's core. */
const done = 0;
const failed = 1;

/** Traces, metrics and logs of one program, to a receiver of OTLP. Data that the receiver does not take is dropped, not stored. */
export class OtlpExport {
  readonly #options: OtlpExportOptions;
  readonly #ports: OtlpExportPorts;
  readonly #startMs: number;
  readonly #ids = new ChosenIds();
  readonly #traces: TracerProvider;
  readonly #logs: LoggerProvider | undefined;
  readonly #resource;
  readonly #cancel: Cancel;
  #well = true;

  constructor(options: OtlpExportOptions, ports: OtlpExportPorts) {
    this.#options = options;
    this.#ports = ports;
    const { clock } = ports;
    this.#startMs = clock.wallMs();
    const resource = resourceFromAttributes(options.resource);
    this.#resource = resource;
    const limits = { maxQueueSize: mostWaiting, maxExportBatchSize: 512 };
    this.#traces = new TracerProvider({
      ...{ resource, idGenerator: this.#ids },
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: this.#exporter('/v1/traces', ProtobufTraceSerializer),
          ...limits,
        }),
      ],
    });
    if (options.logs)
      this.#logs = new LoggerProvider({
        resource,
        processors: [
          new BatchLogRecordProcessor({
            exporter: this.#exporter('/v1/logs', ProtobufLogsSerializer),
            ...limits,
          }),
        ],
      });
    this.#cancel = clock.every(options.metricsEverySeconds * 1000, () => void this.#sendMetrics());
  }

  /** Costs no counters for a frame that is not sampled. */
  frames(): DetectionSink {
    const { clock, random } = this.#ports;
    const tracer = this.#traces.getTracer('goshawk');
    return new FrameTraces({ tracer, random, wallMs: () => clock.wallMs() }, this.#options.frameRatio);
  }

  /** The order's way as this side saw it: `root` is the side that gave it. */
  order(order: FollowedOrder, root: boolean): void {
    traceOrder(this.#traces.getTracer('goshawk'), this.#ids, order, root);
  }

  /** The same log; its lines are sent too. */
  logged(log: Log): Log {
    const logger = this.#logs?.getLogger('goshawk');
    if (logger === undefined) return log;
    const emit = (level: keyof typeof severities, body: string, fields: LogFields = {}) =>
      logger.emit({
        ...{ severityNumber: severities[level], severityText: level, body },
        attributes: flat(fields),
      });
    return tee(log, {}, emit);
  }

  async #sendMetrics(): Promise<void> {
    const { metrics, clock, sender } = this.#ports;
    if (metrics === undefined) return;
    await this.#attempt(async () => {
      const nowMs = clock.wallMs();
      const shown = (await metrics()).map((one) => metricData(one, this.#startMs, nowMs));
      const scopeMetrics = [{ scope: { name: 'goshawk' }, metrics: shown }];
      const body = ProtobufMetricsSerializer.serializeRequest({ resource: this.#resource, scopeMetrics });
      if (body !== undefined) await sender.post('/v1/metrics', body);
    });
  }

  /** Ends with what waits sent, or dropped where nobody takes it. */
  async close(): Promise<void> {
    this.#cancel();
    await this.#sendMetrics();
    await Promise.all([this.#traces.shutdown(), this.#logs?.shutdown()]).catch(() => undefined);
  }

  #exporter<T>(path: string, serializer: ISerializer<T[], unknown>) {
    return {
      export: (items: T[], callback: (result: { code: number; error?: Error }) => void) => {
        void this.#attempt(async () => {
          const body = serializer.serializeRequest(items);
          if (body !== undefined) await this.#ports.sender.post(path, body);
        }).then((ok) => callback({ code: ok ? done : failed }));
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    };
  }

  /** Says once that it fails, and once that it works again. */
  async #attempt(send: () => Promise<void>): Promise<boolean> {
    const { log } = this.#ports;
    try {
      await send();
      if (!this.#well) log.info('OTLP is received again');
      this.#well = true;
      return true;
    } catch (error) {
      const { code, message, remedy } = asGoshawkError(error, 'otlp-failed', 'Check telemetry.otlp.');
      if (this.#well) log.warn('Telemetry for OTLP is dropped', { code, reason: message, remedy });
      this.#well = false;
      return false;
    }
  }
}

const severities = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

type Emit = (level: keyof typeof severities, message: string, fields?: LogFields) => void;

function tee(log: Log, own: LogFields, emit: Emit): Log {
  const both = (level: keyof typeof severities) => (message: string, fields?: LogFields) => {
    log[level](message, fields);
    // What is for developers stays here.
    if (level !== 'debug') emit(level, message, { ...own, ...fields });
  };
  return {
    ...{ debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') },
    child: (fields) => tee(log.child(fields), { ...own, ...fields }, emit),
  };
}

const secret = /password|token|secret|privateKey|authorization|credentials/i;
const mostText = 2_000;

function flat(fields: LogFields): Attributes {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, string | number | boolean][] => {
      if (value === undefined || secret.test(name)) return [];
      if (typeof value === 'number' || typeof value === 'boolean') return [[name, value]];
      const text =
        typeof value === 'string' ? value : value instanceof Error ? value.message : JSON.stringify(value);
      return [[name, (text ?? '').slice(0, mostText)]];
    }),
  );
}
