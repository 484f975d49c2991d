import { deviceAccess, maxPacketBytes, root, topics } from '../../protocol/index.ts';
import { type BrokerFacts, type BrokerFile, readsOf } from './kinds.ts';

/** Mosquitto 2. deploy/broker is what this makes of the defaults. */
export function mosquittoFiles(facts: BrokerFacts): readonly BrokerFile[] {
  const files: BrokerFile[] = [
    { name: 'goshawk.conf', text: configuration(facts) },
    { name: 'acl', text: accessList(facts) },
  ];
  return facts.revocations === undefined ? files : [...files, ...reload(facts.folder, facts.revocations)];
}

function configuration({ port, folder, revocations }: BrokerFacts): string {
  return `# Mosquitto 2 for a fleet of Goshawk: place as /etc/mosquitto/conf.d/goshawk.conf
# In ${folder}: ca.crt (the root), broker.crt with its intermediate, broker.key, acl${revocations === undefined ? '' : ', devices.crl'}

listener ${port}
protocol mqtt
cafile ${folder}/ca.crt
certfile ${folder}/broker.crt
keyfile ${folder}/broker.key
require_certificate true
${
  revocations !== undefined
    ? `# Whose certificate was revoked; read again at a reload (SIGHUP).
crlfile ${folder}/devices.crl
`
    : ''
}# The common name of the certificate is the user name, and with it the device id in the access list.
use_identity_as_username true
# And the client id, whatever the client says: with another's it would take over that one's session.
use_username_as_clientid true
tls_version tlsv1.2

allow_anonymous false
acl_file ${folder}/acl

# Sizes that come from outside are limited. A device may make the broker keep something below preview/ and results/, for Mosquitto's
# access list knows no retained messages: memory_limit bounds what all of that can become.
memory_limit 1000000000
max_packet_size ${maxPacketBytes}
max_queued_messages 1000
max_queued_bytes 50000000
max_inflight_messages 100
persistent_client_expiration 7d

# What is retained outlives the broker. Debian's mosquitto.conf has these two, and twice is an error there; elsewhere take
# the # away.
#persistence true
#persistence_location /var/lib/mosquitto/
`;
}

function accessList({ controller, clients }: BrokerFacts): string {
  const others = clients
    .map((client) => {
      const { name, updates } = client;
      const rights = [
        ...updates.map((device) => `topic write ${topics.call(device, 'updates')}\n`),
        ...readsOf(client).map((topic) => `topic read ${topic}\n`),
      ];
      return `\nuser ${name}\n${rights.join('')}`;
    })
    .join('');
  const patterns = (right: 'read' | 'write', names: readonly string[]) =>
    names.map((name) => `pattern ${right} ${root}/%u/${name}\n`).join('');
  return `# What a client may do, by the name in its certificate (docs/brokers.md).

user ${controller}
topic readwrite ${root}/#

# Every device: only its own root. %u is the user name.
${patterns('write', deviceAccess.publish)}${patterns('read', deviceAccess.subscribe)}
# Other clients (devices.brokerClients in the controller's settings): only the topics that the settings name.
# A "pattern" applies to every user, so no device may have the name of a client: the controller refuses that.
${others}`;
}

/** systemd looks at the controller's list and lets Mosquitto read a copy of it. */
function reload(folder: string, list: string): BrokerFile[] {
  return [
    {
      name: 'goshawk-revocations.path',
      text: `# Place in /etc/systemd/system, then: systemctl enable --now goshawk-revocations.path
[Unit]
Description=Goshawk's list of revoked certificates

[Path]
PathChanged=${list}
Unit=goshawk-revocations.service

[Install]
WantedBy=multi-user.target
`,
    },
    {
      name: 'goshawk-revocations.service',
      text: `[Unit]
Description=Mosquitto reads Goshawk's list of revoked certificates

[Service]
Type=oneshot
ExecStart=/usr/bin/install -m 0644 ${list} ${folder}/devices.crl
ExecStart=/usr/bin/systemctl reload mosquitto.service
`,
    },
  ];
}
