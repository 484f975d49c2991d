import { type AlertChannelName, type AlertChannelRow, alertChannels } from './alert-channels.ts';

const rows = Object.entries<AlertChannelRow>(alertChannels);

/** What an address begins with, as a pattern of the API's schema. */
export const alertAddressPattern = `^(${rows.flatMap(([, { begins }]) => begins).join('|')})`;
export const alertAddressExamples = rows.map(([, { example }]) => example).join(' or ');

/** By what an address begins with, though the rest of it may be wrong. */
export function channelOf(address: string): AlertChannelName | undefined {
  const text = address.toLowerCase();
  const row = rows.find(([, { begins }]) => begins.some((beginning) => text.startsWith(beginning)));
  return row?.[0] as AlertChannelName | undefined;
}

export function isAlertAddress(address: string): boolean {
  const name = channelOf(address);
  return name !== undefined && alertChannels[name].address.test(address);
}

/** An address may be a secret, and who is told is nobody's business: `https://host/…`, `mailto:…`. */
export function shownAddress(address: string): string {
  const origin = /^https?:\/\/[^/?#]+/i.exec(address)?.[0];
  if (origin === undefined) return `${address.slice(0, address.indexOf(':') + 1)}…`;
  return origin === address ? address : `${origin}/…`;
}
