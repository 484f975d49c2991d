import { rootCertificates } from 'node:tls';
import type { Transporter } from 'nodemailer';
import { GoshawkError, LimitError, MissingError, RefusedError } from '../../base/index.ts';
import type { AlertChannel, AlertMessage } from '../../controller/index.ts';

export interface NodemailerAlertChannelOptions {
  readonly host: string;
  readonly port: number;
  /** starttls: refused where the server does not offer it; none: for a relay on this machine. */
  readonly security: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** Domains that mail may go to. */
  readonly domains: readonly string[];
  /** PEM of an authority beside the public ones. */
  readonly ca?: string;
  /** For each step of the talk with the server. */
  readonly timeoutMs?: number;
}

/**
 * Hands an e-mail over, once. An admin of the fleet may write any recipient into a rule: mail goes to
 * the domains that whoever runs the controller named, and nowhere else. What goes wrong is told with the host and the
 * number of the answer: the text of the answer may name a person, and the password is in no message.
 */
export class NodemailerAlertChannel implements AlertChannel {
  readonly #options: NodemailerAlertChannelOptions;
  #transporter: Promise<Transporter> | undefined;

  constructor(options: NodemailerAlertChannelOptions) {
    this.#options = options;
  }

  async deliver({ to, id, subject, body }: AlertMessage): Promise<string> {
    const { from, host } = this.#options;
    const recipients = to.slice('mailto:'.length).split(',');
    this.#expectAdmitted(recipients);
    this.#transporter ??= this.#open();
    const transporter = await this.#transporter;
    try {
      const { response } = await transporter.sendMail({
        from,
        // One message per receiver, so that they do not see each other.
        to: from,
        envelope: { from, to: [...recipients] },
        subject: subject.replaceAll(/\s+/g, ' ').slice(0, 200),
        text: body,
        headers: { 'X-Goshawk-Delivery': id, 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      // The number alone: what is behind it may name a person.
      return `${host} answered ${/^\d{3}/.exec(response ?? '')?.[0] ?? 'yes'}`;
    } catch (error) {
      throw explain(error, host);
    }
  }

  #expectAdmitted(recipients: readonly string[]): void {
    const { domains } = this.#options;
    const known = new Set(domains.map((domain) => domain.toLowerCase()));
    const stranger = recipients.find((one) => !known.has(domainOf(one)));
    if (stranger === undefined) return;
    throw new RefusedError(
      'mail-refused',
      `This controller sends no mail to ${domainOf(stranger)}.`,
      'Correct the rule, or add the domain to mail.domains in the settings of the controller.',
    );
  }

  async #open(): Promise<Transporter> {
    const { host, port, security, login, ca, timeoutMs = 10_000 } = this.#options;
    const { createTransport } = await import('nodemailer');
    return createTransport({
      ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls' },
      ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
      ...(security === 'none' ? { ignoreTLS: true } : {}),
      ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
      dnsTimeout: timeoutMs,
      tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) },
    });
  }
}

function domainOf(recipient: string): string {
  return recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase();
}

/** A number from 400 to 499 asks to come again; above it is the last word (RFC 5321, 4.2.1). */
function explain(error: unknown, host: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number };
  const said = responseCode === undefined ? code : `${code}, ${responseCode}`;
  if (responseCode !== undefined && responseCode >= 500)
    return new RefusedError(
      'mail-refused',
      `The mail server ${host} refused the message (${said}).`,
      'Check the log of the mail server, the recipients and the login.',
    );
  if (code === 'ETIMEDOUT')
    return new LimitError(
      'mail-late',
      `The mail server ${host} did not answer in time.`,
      'It is tried again. Look at the way there.',
    );
  return new MissingError(
    'mail-unreachable',
    `The mail server ${host} did not take the message (${said}).`,
    'It is tried again. Look at its name, port, certificate and login.',
  );
}
