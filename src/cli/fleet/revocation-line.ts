import type { BrokerNotice, RevocationAnswer } from '../../api/index.ts';

const brokerNotices: Readonly<Record<BrokerNotice, string>> = {
  told: 'Its connection to the broker was ended, and is ended again if it comes back within the next 40 s.',
  elsewhere:
    'It may stay connected to the broker, which knows devices by passwords or by the list of another authority: remove it there too.',
  failed:
    'It may still be connected to the broker: the list or the end of its connection failed, as the log of the controller says. The controller tries the list again every minute; run this command again to see the result.',
};

/** What became of an order to take a device back. */
export function revocationLine(device: string, { revoked, broker }: RevocationAnswer): string {
  return `${device}: ${revoked} revoked. ${brokerNotices[broker]}`;
}
