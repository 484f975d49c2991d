import {
  deviceAccess,
  maxPacketBytes,
  programTopics,
  root,
  telemetryExchange,
  telemetryQueues,
  telemetryTopics,
} from '../../protocol/index.ts';
import type { BrokerClient, BrokerFacts, BrokerFile } from './kinds.ts';

/** RabbitMQ 4 with its MQTT plugin; tried with the one of Debian 13 in test/integration/broker/rabbitmq.test.ts. */
export function rabbitmqFiles({ port, folder, controller, clients }: BrokerFacts): readonly BrokerFile[] {
  const ingest = clients.some((client) => client.ingest);
  const plugins = ['rabbitmq_mqtt', 'rabbitmq_auth_mechanism_ssl', ...(ingest ? [hashPlugin] : [])];
  return [
    {
      name: 'goshawk.conf',
      text: `# RabbitMQ 4 for a fleet of Goshawk: place in /etc/rabbitmq/conf.d.
# rabbitmq-plugins enable ${plugins.join(' ')}
# ${ingest ? 'AMQP over the network is for processes with the role ingest, by certificate;' : 'AMQP is not for the network, and'} nobody needs the user that RabbitMQ begins with: rabbitmqctl delete_user guest
listeners.tcp.default = 127.0.0.1:5672
${ingest ? `listeners.ssl.default = ${amqpPort}\nauth_mechanisms.1 = EXTERNAL\n` : ''}mqtt.listeners.tcp = none
mqtt.listeners.ssl.default = ${port}
mqtt.ssl_cert_login = true
# The client id must be the name of the certificate, or the connection is refused. Goshawk's certificates have that name
# as a DNS name too.
mqtt.ssl_cert_client_id_from = subject_alternative_name
mqtt.ssl_cert_login_san_type = dns
mqtt.allow_anonymous = false
mqtt.max_packet_size_authenticated = ${maxPacketBytes}
ssl_cert_login_from = common_name
ssl_options.cacertfile = ${folder}/ca.crt
ssl_options.certfile = ${folder}/broker.crt
ssl_options.keyfile = ${folder}/broker.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
`,
    },
    { name: 'permissions.sh', text: permissions(controller, clients) },
  ];
}

const hashPlugin = 'rabbitmq_consistent_hash_exchange';
/** Of AMQP over TLS. */
const amqpPort = 5671;
/** Of one queue; the oldest goes first, and its device sends it again. */
const mostQueueBytes = 64 * 1024 * 1024;

/** What an account may, as expressions: over names of queues and exchanges, and over routing keys. */
interface Account {
  readonly user: string;
  /** Configure, write, read. */
  readonly objects: readonly [string, string, string];
  /** Publish, hear; absent: everything. */
  readonly topics?: readonly [string, string];
}

const dotted = exactly(root);
/** Stands for the name of each device in the script. */
const device = '@';

/** One import for all: each call of rabbitmqctl takes a second and more. */
function permissions(controller: string, clients: readonly BrokerClient[]): string {
  const queues = clients.some(({ ingest }) => ingest) ? telemetryDefinitions() : '';
  const others = definitionsOf([
    { user: controller, objects: ['.*', '.*', '.*'] },
    ...clients.map(accountOf),
  ]);
  const each = definitionsOf([deviceAccount()]);
  const list = (kind: keyof typeof each) =>
    `  list ${kind} '${others[kind].join('\n')}' '${each[kind].join('')}' "$@"\n`;
  return `#!/bin/sh
# Users and topic permissions. RabbitMQ knows no user by certificate alone: each device needs one, without a password.
# Run it with the names of new devices: sh permissions.sh truck-7 truck-8
# A device that you revoke: rabbitmqctl delete_user truck-7. That ends its connection too.
set -eu
for device in "$@"; do
  case "$device" in
    *[!A-Za-z0-9_-]*)
      echo "Give $device another name, of letters, digits, - and _: RabbitMQ takes a dot for a slash of the topic." >&2
      exit 64
      ;;
  esac
done
list() {
  kind="$1" others="$2" one="$3"
  shift 3
  printf '"%s":[' "$kind"
  {
    printf '%s\\n' "$others"
    for device in "$@"; do printf '%s\\n' "$one" | sed "s/${device}/$device/g"; done
  } | sed '/^$/d' | paste -s -d , -
  printf ']'
}
definitions() {
  printf '{'
${list('users')}  printf ','
${list('permissions')}  printf ','
${list('topic_permissions')}${queues === '' ? '' : `  printf '%s' '${queues}'\n`}  printf '}'
}
# rabbitmqctl may run as another user, who has to read it; it holds no secret.
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
definitions "$@" > "$file"
chmod 644 "$file"
rabbitmqctl import_definitions "$file"
`;
}

function definitionsOf(accounts: readonly Account[]) {
  return {
    users: accounts.map(({ user: name }) => JSON.stringify({ name, password_hash: '', tags: [] })),
    permissions: accounts.map(({ user, objects: [configure, write, read] }) =>
      JSON.stringify({ user, vhost: '/', configure, write, read }),
    ),
    topic_permissions: accounts.flatMap(({ user, topics }) =>
      topics === undefined
        ? []
        : JSON.stringify({ user, vhost: '/', exchange: 'amq.topic', write: topics[0], read: topics[1] }),
    ),
  };
}

function deviceAccount(): Account {
  const { own, both } = queueOf(device);
  const publish = `^${dotted}[.]${device}[.](${patterns(deviceAccess.publish)})$`;
  const subscribe = `^${dotted}[.]${device}[.](${patterns(deviceAccess.subscribe)})$`;
  return { user: device, objects: [own, both, both], topics: [publish, subscribe] };
}

function accountOf({ name, updates, results, ingest }: BrokerClient): Account {
  if (ingest)
    return {
      user: name,
      objects: [nothing, nothing, `^${exactly(telemetryExchange)}[.][0-9]+$`],
      topics: [nothing, nothing],
    };
  const { own, both } = queueOf(exactly(name));
  const write =
    updates.length === 0 ? nothing : `^${dotted}[.](${updates.map(exactly).join('|')})[.]call[.]updates$`;
  const heard = results.flatMap(programTopics).map((topic) => exactly(topic.slice(root.length + 1)));
  if (heard.length === 0)
    return { user: name, objects: [nothing, '^amq[.]topic$', nothing], topics: [write, nothing] };
  const read = `^${dotted}[.](${heard.join('|').replaceAll('+', '[^.]+')})$`;
  return { user: name, objects: [own, both, both], topics: [write, read] };
}

const nothing = '^$';

/** What devices publish as metrics and events, spread by topic over queues with one active consumer each. */
function telemetryDefinitions(): string {
  const vhost = { vhost: '/' };
  const kept = { durable: true, auto_delete: false };
  const exchanges = [
    { name: telemetryExchange, ...vhost, type: 'x-consistent-hash', ...kept, internal: false, arguments: {} },
  ];
  const queues = telemetryQueues.map((name) => ({
    ...{ name, ...vhost, ...kept },
    arguments: {
      ...{ 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
      ...{ 'x-max-length-bytes': mostQueueBytes, 'x-overflow': 'drop-head' },
    },
  }));
  const binding = (source: string, type: 'exchange' | 'queue', destination: string, key: string) => ({
    ...{ source, ...vhost, destination, destination_type: type, routing_key: key, arguments: {} },
  });
  const bindings = [
    ...telemetryTopics.map((topic) =>
      binding('amq.topic', 'exchange', telemetryExchange, topic.replaceAll('/', '.').replaceAll('+', '*')),
    ),
    ...telemetryQueues.map((queue) => binding(telemetryExchange, 'queue', queue, '1')),
  ];
  return Object.entries({ exchanges, queues, bindings })
    .map(([kind, all]) => `,"${kind}":${JSON.stringify(all)}`)
    .join('');
}

/** The queue of a client's session, with and without the exchange of MQTT. */
function queueOf(client: string): { readonly own: string; readonly both: string } {
  const queue = `mqtt-subscription-${client}qos[01]`;
  return { own: `^${queue}$`, both: `^(${queue}|amq[.]topic)$` };
}

/** A routing key: a slash of MQTT is a dot there. A dot stays one, so that no name may have one. */
function exactly(topic: string): string {
  return topic.replaceAll(/[./]/g, '[.]');
}

/** As routing keys: RabbitMQ has a dot where MQTT has a slash. */
function patterns(names: readonly string[]): string {
  return names.map((name) => name.replace('/+', '[.][^.]+').replace('/#', '[.].+')).join('|');
}
