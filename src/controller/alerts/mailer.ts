export interface Mail {
  readonly recipients: readonly string[];
  /** The same for every attempt. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * Port: hands one e-mail to a mail server, once. Rejects with a GoshawkError that names neither a recipient nor a secret;
 * `mail-refused` is final, everything else may be tried again.
 */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}
