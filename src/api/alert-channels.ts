/** One way to tell people or programs of an alert. */
export interface AlertChannelRow {
  /** What every address begins with; lower case. */
  readonly begins: readonly string[];
  /** A whole address. The sender looks closer where it resolves a name. */
  readonly address: RegExp;
  readonly example: string;
  /**
   * What the secret of the rule is for. `signature`: messages are signed with it; the controller makes one where none is given.
   * `routing-key`: it is the key that the receiver gave out, and each message carries it.
   */
  readonly secret: 'signature' | 'routing-key' | 'none';
  /** The form of a message: everything as JSON, text for people, or what the receiver's own API takes. */
  readonly body: 'json' | 'text' | 'slack' | 'alertmanager' | 'pagerduty';
  /** Of what is posted by HTTP: what comes after the address. */
  readonly path?: string;
  /** The receiver forgets what it does not hear of: sent again so often, acknowledged or not. */
  readonly resendSeconds?: number;
  /** The receiver has an incident open until it hears that it is over: a silence lets that through. */
  readonly incident?: boolean;
  /** Where whoever runs the controller switches it on. */
  readonly setting: string;
}

const recipient = '[A-Za-z0-9.!#$&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?';

// Without a user name and a password in it.
const httpRest = String.raw`https?:\/\/[^/?#@\s]+(?:[/?#][^\s]*)?$`;
const httpAddress = (form: string) => new RegExp(String.raw`^${form}\+${httpRest}`, 'i');

/** Every channel: the API, the form of a rule, what is hidden from roles below admin, and the controller read this table. */
export const alertChannels = {
  webhook: {
    begins: ['https://', 'http://'],
    address: new RegExp(`^${httpRest}`, 'i'),
    example: 'https://host/path',
    secret: 'signature',
    body: 'json',
    setting: 'webhooks',
  },
  // The incoming webhooks of Slack, Mattermost and Rocket.Chat.
  slack: {
    begins: ['slack+https://', 'slack+http://'],
    address: httpAddress('slack'),
    example: 'slack+https://hooks.slack.com/services/...',
    secret: 'none',
    body: 'slack',
    setting: 'webhooks',
  },
  // API v2: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
  alertmanager: {
    begins: ['alertmanager+https://', 'alertmanager+http://'],
    address: httpAddress('alertmanager'),
    example: 'alertmanager+https://host:9093',
    secret: 'none',
    body: 'alertmanager',
    path: '/api/v2/alerts',
    resendSeconds: 300,
    incident: true,
    setting: 'webhooks',
  },
  // Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview
  pagerduty: {
    begins: ['pagerduty+https://', 'pagerduty+http://'],
    address: httpAddress('pagerduty'),
    example: 'pagerduty+https://events.pagerduty.com',
    secret: 'routing-key',
    body: 'pagerduty',
    path: '/v2/enqueue',
    incident: true,
    setting: 'webhooks',
  },
  mail: {
    begins: ['mailto:'],
    address: new RegExp(`^mailto:${recipient}(?:,${recipient}){0,19}$`, 'i'),
    example: 'mailto:name@domain',
    secret: 'none',
    body: 'text',
    setting: 'mail',
  },
  mqtt: {
    begins: ['mqtt:'],
    // A topic without wildcards, and none of Goshawk's own or the broker's.
    address: /^mqtt:(?!\$|goshawk\/|\/)[^+#\s\0]{1,200}$/,
    example: 'mqtt:site/alerts',
    secret: 'none',
    body: 'json',
    setting: 'alertBroker',
  },
} as const satisfies Record<string, AlertChannelRow>;

export type AlertChannelName = keyof typeof alertChannels;
