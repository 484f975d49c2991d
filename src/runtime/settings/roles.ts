import { Type } from '@sinclair/typebox';
import { deviceIdPattern } from '../../protocol/index.ts';
import { Broker, furtherServers } from './broker.ts';

const { url: _mqtt, servers: _further, ...account } = Broker.properties;
const ingestAddress = '^(mqtt|mqtts|ws|wss|amqp|amqps)://';

export const roleNames = ['ingest', 'api', 'control'] as const;
export type RoleName = (typeof roleNames)[number];

export const Roles = Type.Array(Type.Union(roleNames.map((name) => Type.Literal(name))), {
  minItems: 1,
  maxItems: roleNames.length,
  uniqueItems: true,
  description:
    'Work of this process beside others with the same `database`: ingest stores metrics and events, api reads history from the database and forwards everything else to the leader, control does everything else (one process at a time, the leader). Absent: this process does all of it alone',
});

/** Of a process in a pod of Kubernetes. */
export const Kubernetes = Type.Object(
  {
    pod: Type.String({
      pattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$',
      description:
        'Name of its pod, whose account may patch pods; the pod has the label goshawk-leader=true while this process leads, for a Service (docs/cluster.md)',
    }),
  },
  { additionalProperties: false, description: 'For the role control in a pod of Kubernetes' },
);

/** Of a process with the role ingest. */
export const Ingest = Type.Object(
  {
    client: Type.Optional(
      Type.String({
        pattern: deviceIdPattern,
        description:
          'Client id at the broker, another one for each process; default: made of host name and process id. A broker that takes the id from a certificate ignores it',
      }),
    ),
    broker: Type.Optional(
      Type.Object(
        {
          url: Type.String({
            pattern: ingestAddress,
            description:
              'mqtts://broker.example:8883 with shared subscriptions; amqps://broker.example:5671 for the queues of RabbitMQ',
          }),
          servers: furtherServers(ingestAddress, 'url'),
          ...account,
        },
        {
          additionalProperties: false,
          description: 'Broker with an account that only reads metrics and events; default: `broker`',
        },
      ),
    ),
  },
  { additionalProperties: false, default: {} },
);
