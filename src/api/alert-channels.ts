/** One way to tell people or programs of an alert. */
export interface AlertChannelRow {
  /** What every address begins with; lower case. */
  readonly begins: readonly string[];
  /** A whole address. The sender looks closer where it resolves a name. */
  readonly address: RegExp;
  readonly example: string;
  /** Messages carry a signature, with a key of the rule. */
  readonly signed: boolean;
  /** A message is JSON for programs, or text for people. */
  readonly body: 'json' | 'text';
  /** Where whoever runs the controller switches it on. */
  readonly setting: string;
}

const recipient = '[A-Za-z0-9.!#$&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?';

/** Every channel: the API, the form of a rule, what is hidden from roles below admin, and the controller read this table. */
export const alertChannels = {
  webhook: {
    begins: ['https://', 'http://'],
    // Without a user name and a password in it.
    address: /^https?:\/\/[^/?#@\s]+(?:[/?#][^\s]*)?$/i,
    example: 'https://host/path',
    signed: true,
    body: 'json',
    setting: 'webhooks',
  },
  mail: {
    begins: ['mailto:'],
    address: new RegExp(`^mailto:${recipient}(?:,${recipient}){0,19}$`, 'i'),
    example: 'mailto:name@domain',
    signed: false,
    body: 'text',
    setting: 'mail',
  },
  mqtt: {
    begins: ['mqtt:'],
    // A topic without wildcards, and none of Goshawk's own or the broker's.
    address: /^mqtt:(?!\$|goshawk\/|\/)[^+#\s\0]{1,200}$/,
    example: 'mqtt:site/alerts',
    signed: false,
    body: 'json',
    setting: 'alertBroker',
  },
} as const satisfies Record<string, AlertChannelRow>;

export type AlertChannelName = keyof typeof alertChannels;
