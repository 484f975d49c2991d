import { type Static, Type } from '@sinclair/typebox';

const closed = { additionalProperties: false } as const;

const receiver = {
  url: Type.String({
    pattern: '^https?://[^/?#@\\s]+',
    maxLength: 500,
    description:
      'Receiver of OTLP over HTTP, without /v1/...: https://collector.example:4318; http:// only within one machine or a trusted network',
  }),
  headersFile: Type.Optional(
    Type.String({
      description:
        'File with headers for it, one `name: value` a line, for example `authorization: Bearer ...`',
    }),
  ),
  caFile: Type.Optional(
    Type.String({ description: 'PEM of an authority that signed the receiver, beside the usual ones' }),
  ),
  metricsEverySeconds: Type.Number({
    minimum: 1,
    maximum: 3600,
    default: 60,
    description: 'How often metrics are sent',
  }),
  logs: Type.Boolean({ default: true, description: 'Send log lines from info on' }),
};

/** What an agent sends to a receiver of OTLP. */
export const AgentTelemetry = Type.Object(
  {
    otlp: Type.Optional(
      Type.Object(
        {
          ...receiver,
          frameRatio: Type.Number({
            minimum: 0,
            maximum: 1,
            default: 0.001,
            description: 'Share of the frames whose way is sent as a trace',
          }),
        },
        { ...closed, description: 'Send traces, metrics and logs by OpenTelemetry (docs/monitoring.md)' },
      ),
    ),
  },
  { ...closed, default: {} },
);

export const ControllerTelemetry = Type.Object(
  {
    otlp: Type.Optional(
      Type.Object(receiver, {
        ...closed,
        description: 'Send traces of orders, metrics and logs by OpenTelemetry (docs/monitoring.md)',
      }),
    ),
  },
  { ...closed, default: {} },
);

export type OtlpSettings = NonNullable<Static<typeof AgentTelemetry>['otlp']>;
