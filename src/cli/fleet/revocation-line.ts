import type { BrokerNotice, RevocationAnswer } from '../../api/index.ts';

const brokerNotices: Readonly<Record<BrokerNotice, string>> = {
  told: 'Its connection to the broker was ended, and is ended again if it comes back within the next 40 s.',
  elsewhere:
    'It may stay at the broker, which knows devices by passwords or by the list of another authority: take it out there too.',
  failed:
    'It may still be at the broker: the list or the end of its connection failed, as the log of the controller says. The list is tried again every minute; give this order again to hear how it stands.',
};

/** What became of an order to take a device back. */
export function revocationLine(device: string, { revoked, broker }: RevocationAnswer): string {
  return `${device}: ${revoked} revoked. ${brokerNotices[broker]}`;
}
