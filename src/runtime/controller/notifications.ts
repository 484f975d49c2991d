import { NodemailerMailer } from '../../adapters/nodemailer/index.ts';
import { AddressPolicy, HttpWebhooks } from '../../adapters/webhooks/index.ts';
import { InputError, RefusedError } from '../../base/index.ts';
import {
  isMailAddress,
  type Mailer,
  recipientsOf,
  type WebhookMessage,
  type Webhooks,
} from '../../controller/index.ts';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { readSecret } from '../settings/read.ts';
import { goshawkVersion } from '../version.ts';

/** Messages of alerts, each by the way that its address names. Secrets are read once, at the start. */
export async function openNotifications({
  webhooks,
  mail,
}: Pick<ControllerSettings, 'webhooks' | 'mail'>): Promise<Webhooks> {
  const http = new HttpWebhooks({
    policy: new AddressPolicy(webhooks.allow),
    version: goshawkVersion(),
    ...(await authority(webhooks.caFile)),
  });
  const mailer = await openMailer(mail);
  return {
    send: (message, timestampMs) =>
      isMailAddress(message.url) ? byMail(mailer, message) : http.send(message, timestampMs),
  };
}

/** A mail that was taken is as good as a webhook that answered so. */
async function byMail(
  mailer: Mailer,
  { url, id, subject = 'Goshawk', body }: WebhookMessage,
): Promise<{ readonly status: number }> {
  await mailer.send({ recipients: recipientsOf(url), id, subject, text: body });
  return { status: 200 };
}

async function openMailer(mail: ControllerSettings['mail']): Promise<Mailer> {
  if (mail === undefined) return noMail;
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
  return new NodemailerMailer({
    ...server,
    ...(await authority(caFile)),
    ...(userName === undefined || passwordFile === undefined
      ? {}
      : { login: { user: userName, password: await readSecret(passwordFile) } }),
  });
}

const noMail: Mailer = {
  send: () =>
    Promise.reject(
      new RefusedError(
        'mail-refused',
        'This controller has no mail server.',
        'Whoever runs the controller names one in the settings: mail.',
      ),
    ),
};

async function authority(caFile: string | undefined): Promise<{ readonly ca?: string }> {
  return caFile === undefined ? {} : { ca: Buffer.from(await pem(caFile)).toString('utf8') };
}
