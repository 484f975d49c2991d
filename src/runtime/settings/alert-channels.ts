import { type Static, type TObject, Type } from '@sinclair/typebox';
import type { AlertChannelName } from '../../api/index.ts';
import { type Clock, InputError, type Log } from '../../base/index.ts';
import { type AlertChannel, type AlertChannels, MqttAlertChannel } from '../../controller/index.ts';
import { goshawkVersion } from '../version.ts';
import { Broker } from './broker.ts';
import { readSecret } from './read.ts';

/** Settings of the channels: those of `goshawk controller` and a chapter of docs/settings.md have them. */
export const alertSettings = {
  webhooks: Type.Object(
    {
      allow: Type.Array(Type.String(), {
        default: [],
        description:
          'Networks inside that alerts may be sent to, e.g. 10.1.0.0/16; also without TLS. The public internet is allowed with TLS',
      }),
      caFile: Type.Optional(
        Type.String({ description: 'PEM of an authority for internal receivers, beside the public ones' }),
      ),
    },
    { additionalProperties: false, default: {} },
  ),
  mail: Type.Optional(
    Type.Object(
      {
        host: Type.String({ minLength: 1, maxLength: 255, description: 'The SMTP server' }),
        port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
        security: Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
          default: 'starttls',
          description:
            'starttls: no mail is sent if the server does not offer it; tls: from the first byte, mostly port 465; none: for a relay on this machine',
        }),
        from: Type.String({
          maxLength: 320,
          pattern: '^[^\\s@<>]+@[^\\s@<>]+$',
          description: 'Address of the sender',
        }),
        userName: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
        passwordFile: Type.Optional(
          Type.String({ description: 'File that holds only the password; needs userName' }),
        ),
        domains: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
          minItems: 1,
          maxItems: 100,
          description: 'Domains of recipients; mail to other domains is refused',
        }),
        caFile: Type.Optional(
          Type.String({
            description: 'PEM of an authority that signed the server, beside the public ones',
          }),
        ),
      },
      {
        additionalProperties: false,
        description: 'Mail server for rules to `mailto:`; absent: no mail is sent',
      },
    ),
  ),
  alertBroker: Type.Optional(
    Type.Composite(
      [
        Broker,
        Type.Object({
          clientId: Type.String({ minLength: 1, maxLength: 64, default: 'goshawk-alerts' }),
        }),
      ],
      {
        additionalProperties: false,
        description: 'Broker of the site for rules to `mqtt:<topic>`; absent: no message is sent there',
      },
    ),
  ),
} as const;

type Settings = Static<TObject<typeof alertSettings>>;

interface Opened {
  readonly channel: AlertChannel;
  close?(): Promise<void>;
}

/** How each channel is made; undefined where the settings name none. Who only reads settings loads no adapter. */
const openers: Readonly<
  Record<AlertChannelName, (settings: Settings, ports: Ports) => Promise<Opened | undefined>>
> = {
  ...{ webhook: openWebhook, slack: openWebhook, alertmanager: openWebhook, pagerduty: openWebhook },
  ...{ mail: openMail, mqtt: openMqtt },
};

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/** The ways that alerts may go. Secrets are read once, at the start. */
export async function openAlertChannels(
  settings: Settings,
  ports: Ports,
): Promise<{ readonly channels: AlertChannels; close(): Promise<void> }> {
  const opened = new Map<string, Opened>();
  for (const [name, open] of Object.entries(openers)) {
    const one = await open(settings, ports);
    if (one !== undefined) opened.set(name, one);
  }
  return {
    channels: Object.fromEntries([...opened].map(([name, { channel }]) => [name, channel])),
    close: async () => {
      for (const one of opened.values()) await one.close?.();
    },
  };
}

async function openWebhook({ webhooks }: Settings): Promise<Opened> {
  const { AddressPolicy, HttpAlertChannel } = await import('../../adapters/webhooks/index.ts');
  const policy = new AddressPolicy(webhooks.allow);
  return {
    channel: new HttpAlertChannel({
      ...{ policy, version: goshawkVersion() },
      ...(await authority(webhooks.caFile)),
    }),
  };
}

/** A broker of the site: Goshawk's own lets nobody but its devices and its controller listen. */
async function openMqtt({ alertBroker }: Settings, ports: Ports): Promise<Opened | undefined> {
  if (alertBroker === undefined) return undefined;
  const { brokerConnector } = await import('./connect.ts');
  const { clientId, ...broker } = alertBroker;
  const transport = (await brokerConnector(broker, clientId, ports))();
  transport.start();
  return { channel: new MqttAlertChannel(transport), close: () => transport.close() };
}

async function openMail({ mail }: Settings): Promise<Opened | undefined> {
  if (mail === undefined) return undefined;
  const { userName, passwordFile, caFile, ...server } = mail;
  if ((userName === undefined) !== (passwordFile === undefined))
    throw new InputError(
      'settings-invalid',
      'mail: userName and passwordFile belong together.',
      'Give both or none of them.',
    );
  if (passwordFile !== undefined && mail.security === 'none')
    throw new InputError(
      'settings-invalid',
      'mail: a password would go over the network in clear.',
      'Choose starttls or tls, or leave userName and passwordFile out.',
    );
  const { NodemailerAlertChannel } = await import('../../adapters/nodemailer/index.ts');
  const channel = new NodemailerAlertChannel({
    ...server,
    ...(await authority(caFile)),
    ...(userName === undefined || passwordFile === undefined
      ? {}
      : { login: { user: userName, password: await readSecret(passwordFile) } }),
  });
  return { channel };
}

async function authority(caFile: string | undefined): Promise<{ readonly ca?: string }> {
  if (caFile === undefined) return {};
  const { pem } = await import('./connect.ts');
  return { ca: Buffer.from(await pem(caFile)).toString('utf8') };
}
