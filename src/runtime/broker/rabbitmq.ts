import { deviceAccess, maxPacketBytes, programTopics, root } from '../../protocol/index.ts';
import type { BrokerClient, BrokerFacts, BrokerFile } from './kinds.ts';

/** RabbitMQ 4 with its MQTT plugin. Written from its documentation, and not tried. */
export function rabbitmqFiles({ port, folder, controller, clients }: BrokerFacts): readonly BrokerFile[] {
  const dotted = root.replaceAll('/', '[.]');
  return [
    {
      name: 'goshawk.conf',
      text: `# RabbitMQ 4 for a fleet of Goshawk: place in /etc/rabbitmq/conf.d. Written from RabbitMQ's documentation, NOT TRIED.
# rabbitmq-plugins enable rabbitmq_mqtt rabbitmq_auth_mechanism_ssl
mqtt.listeners.tcp = none
mqtt.listeners.ssl.default = ${port}
mqtt.ssl_cert_login = true
# The client id must be the name of the certificate, or the connection is closed.
mqtt.ssl_cert_client_id_from = distinguished_name
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
    {
      name: 'permissions.sh',
      text: `#!/bin/sh
# Users and topic permissions. NOT TRIED. RabbitMQ knows no user by certificate alone: each device needs one, without a
# password. Run it with the names of all devices: sh permissions.sh truck-7 truck-8
set -eu
rabbitmqctl add_user ${controller} "" || true
rabbitmqctl clear_password ${controller}
rabbitmqctl set_permissions ${controller} '.*' '.*' '.*'
for device in "$@"; do
  rabbitmqctl add_user "$device" "" || true
  rabbitmqctl clear_password "$device"
  queue="mqtt-subscription-$(printf %s "$device" | sed 's/[.]/[.]/g')qos[01]"
  # A dot of MQTT is a slash in a routing key.
  key="$(printf %s "$device" | tr . /)"
  rabbitmqctl set_permissions "$device" "^$queue$" "^($queue|amq[.]topic)$" "^($queue|amq[.]topic)$"
  rabbitmqctl set_topic_permissions "$device" amq.topic \\
    "^${dotted}[.]$key[.](${patterns(deviceAccess.publish)})$" \\
    "^${dotted}[.]$key[.](${patterns(deviceAccess.subscribe)})$"
done
${clients.map((client) => permissionsOf(client, dotted)).join('')}`,
    },
  ];
}

function permissionsOf({ name, updates, results }: BrokerClient, dotted: string): string {
  const keys = updates.map((device) => device.replaceAll('.', '/')).join('|');
  const writes = keys === '' ? '^$' : `^${dotted}[.](${keys})[.]call[.]updates$`;
  // A dot of MQTT is a slash in a routing key, a slash a dot, and + one level.
  const keysOf: Readonly<Record<string, string>> = { '.': '/', '/': '[.]', '+': '[^.]+' };
  const read = results
    .flatMap(programTopics)
    .map((topic) => topic.slice(root.length + 1).replace(/[./+]/g, (one) => keysOf[one] ?? one));
  const reads = read.length === 0 ? '^$' : `^${dotted}[.](${read.join('|')})$`;
  const own = `mqtt-subscription-${name.replaceAll('.', '[.]')}qos[01]`;
  const queue = read.length === 0 ? '^$' : `^${own}$`;
  const uses = read.length === 0 ? '^amq[.]topic$' : `^(${own}|amq[.]topic)$`;
  return `rabbitmqctl add_user ${name} "" || true
rabbitmqctl clear_password ${name}
rabbitmqctl set_permissions ${name} '${queue}' '${uses}' '${read.length === 0 ? '^$' : uses}'
rabbitmqctl set_topic_permissions ${name} amq.topic '${writes}' '${reads}'
`;
}

/** As routing keys: RabbitMQ has a dot where MQTT has a slash. */
function patterns(names: readonly string[]): string {
  return names.map((name) => name.replace('/+', '[.][^.]+').replace('/#', '[.].+')).join('|');
}
