import { NodemailerAlertChannel } from '../../adapters/nodemailer/index.ts';
import { AddressPolicy, HttpAlertChannel } from '../../adapters/webhooks/index.ts';
import type { AlertChannelName } from '../../api/index.ts';
import { type Clock, InputError, type Log } from '../../base/index.ts';
import { type AlertChannel, type AlertChannels, MqttAlertChannel } from '../../controller/index.ts';
import { brokerConnector, pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { readSecret } from '../settings/read.ts';
import { goshawkVersion } from '../version.ts';

type Settings = Pick<ControllerSettings, 'webhooks' | 'mail' | 'alertBroker'>;

interface Opened {
  readonly channel: AlertChannel;
  close?(): Promise<void>;
}

/** How each channel is made; undefined where the settings name none. */
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
export async function openNotifications(
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
  return caFile === undefined ? {} : { ca: Buffer.from(await pem(caFile)).toString('utf8') };
}
