import { deviceAccess, maxPacketBytes, root, topics } from '../../protocol/index.ts';
import { type BrokerClient, type BrokerFacts, type BrokerFile, readsOf } from './kinds.ts';

/** EMQX 5. Written from its documentation, and not tried. */
export function emqxFiles({
  port,
  folder,
  controller,
  clients,
  revocations,
}: BrokerFacts): readonly BrokerFile[] {
  return [
    {
      name: 'goshawk.hocon',
      text: `# EMQX 5 for a fleet of Goshawk: include it in emqx.conf. Written from EMQX's documentation, NOT TRIED.
listeners.tcp.default.enable = false
listeners.ws.default.enable = false
listeners.wss.default.enable = false
listeners.ssl.default {
  bind = "0.0.0.0:${port}"
  ssl_options {
    cacertfile = "${folder}/ca.crt"
    certfile = "${folder}/broker.crt"
    keyfile = "${folder}/broker.key"
    verify = verify_peer
    fail_if_no_peer_cert = true
    versions = ["tlsv1.3", "tlsv1.2"]${
      revocations !== undefined
        ? `
    # EMQX fetches lists by the address in a certificate, which ours have none of: see docs/enrolment.md.
    enable_crl_check = false`
        : ''
    }
  }
}
mqtt {
  peer_cert_as_username = cn
  # The common name is the client id too: with another's a client would take over that one's session.
  peer_cert_as_clientid = cn
  max_packet_size = ${maxPacketBytes}
  max_inflight = 100
}
authorization {
  no_match = deny
  deny_action = disconnect
  sources = [{ type = file, enable = true, path = "${folder}/acl.conf" }]
}
`,
    },
    {
      name: 'acl.conf',
      text: `%% What a client may do, by the name in its certificate. NOT TRIED.
{allow, {username, "${controller}"}, all, ["${root}/#"]}.
${clients.map(allowed).join('')}{allow, all, publish, [${filters(deviceAccess.publish)}]}.
{allow, all, subscribe, [${filters(deviceAccess.subscribe)}]}.
{deny, all}.
`,
    },
  ];
}

function allowed(client: BrokerClient): string {
  const { name, updates } = client;
  const may = (action: string, all: readonly string[]) =>
    all.length === 0
      ? ''
      : `{allow, {username, "${name}"}, ${action}, [${all.map((topic) => `"${topic}"`).join(', ')}]}.\n`;
  return (
    may(
      'publish',
      updates.map((device) => topics.call(device, 'updates')),
    ) + may('subscribe', readsOf(client))
  );
}

function filters(names: readonly string[]): string {
  return names.map((name) => `\n  "${root}/\${username}/${name}"`).join(',');
}
