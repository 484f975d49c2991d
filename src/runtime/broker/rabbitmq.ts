import { deviceAccess, maxPacketBytes, programTopics, root } from '../../protocol/index.ts';
import type { BrokerClient, BrokerFacts, BrokerFile } from './kinds.ts';

/** RabbitMQ 4 with its MQTT plugin; tried with the one of Debian 13 in test/integration/broker/rabbitmq.test.ts. */
export function rabbitmqFiles({ port, folder, controller, clients }: BrokerFacts): readonly BrokerFile[] {
  const dotted = root.replaceAll('/', '[.]');
  return [
    {
      name: 'goshawk.conf',
      text: `# RabbitMQ 4 for a fleet of Goshawk: place in /etc/rabbitmq/conf.d.
# rabbitmq-plugins enable rabbitmq_mqtt rabbitmq_auth_mechanism_ssl
# AMQP is not for the network, and nobody needs the user that RabbitMQ begins with: rabbitmqctl delete_user guest
listeners.tcp.default = 127.0.0.1:5672
mqtt.listeners.tcp = none
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
    {
      name: 'permissions.sh',
      text: `#!/bin/sh
# Users and topic permissions. RabbitMQ knows no user by certificate alone: each device needs one, without a password.
# Run it with the names of new devices: sh permissions.sh truck-7 truck-8
# A device that you revoke: rabbitmqctl delete_user truck-7. That ends its connection too.
set -eu
rabbitmqctl add_user ${controller} "" || true
rabbitmqctl clear_password ${controller}
rabbitmqctl set_permissions ${controller} '.*' '.*' '.*'
for device in "$@"; do
  case "$device" in
    *.*)
      echo "$device has a dot in its name: RabbitMQ takes it for a slash of the topic. Give the device another name." >&2
      exit 64
      ;;
  esac
done
for device in "$@"; do
  rabbitmqctl add_user "$device" "" || true
  rabbitmqctl clear_password "$device"
  queue="mqtt-subscription-\${device}qos[01]"
  rabbitmqctl set_permissions "$device" "^$queue$" "^($queue|amq[.]topic)$" "^($queue|amq[.]topic)$"
  rabbitmqctl set_topic_permissions "$device" amq.topic \\
    "^${dotted}[.]$device[.](${patterns(deviceAccess.publish)})$" \\
    "^${dotted}[.]$device[.](${patterns(deviceAccess.subscribe)})$"
done
${clients.map((client) => permissionsOf(client, dotted)).join('')}`,
    },
  ];
}

function permissionsOf({ name, updates, results }: BrokerClient, dotted: string): string {
  const keys = updates.map(exactly).join('|');
  const writes = keys === '' ? '^$' : `^${dotted}[.](${keys})[.]call[.]updates$`;
  const read = results.flatMap(programTopics).map((topic) =>
    topic
      .slice(root.length + 1)
      .replaceAll('/', '[.]')
      .replaceAll('+', '[^.]+'),
  );
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

/** A routing key: a slash of MQTT is a dot there. A dot stays one, so that no name may have one. */
function exactly(topic: string): string {
  return topic.replaceAll(/[./]/g, '[.]');
}

/** As routing keys: RabbitMQ has a dot where MQTT has a slash. */
function patterns(names: readonly string[]): string {
  return names.map((name) => name.replace('/+', '[.][^.]+').replace('/#', '[.].+')).join('|');
}
