import { type AlertChannelName, type AlertChannelRow, alertChannels } from './alert-channels.ts';

const rows = Object.entries<AlertChannelRow>(alertChannels);

/** What an address begins with, as a pattern of the API's schema. */
export const alertAddressPattern = `^(${rows
  .flatMap(([, { begins }]) => begins)
  .join('|')
  .replaceAll('+', '\\+')})`;
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

/** Where a message is posted: `alertmanager+https://host:9093` is `https://host:9093/api/v2/alerts`. */
export function postedTo(address: string): string {
  const name = channelOf(address);
  const { path }: AlertChannelRow = alertChannels[name ?? 'webhook'];
  const url = address.replace(/^[a-z]+\+(?=https?:)/i, '');
  return path === undefined ? url : `${url.replace(/\/+$/, '')}${path}`;
}

/** An address may be a secret, and receivers are private: `https://host/…`, `mailto:…`. */
export function shownAddress(address: string): string {
  const origin = /^(?:[a-z]+\+)?https?:\/\/[^/?#]+/i.exec(address)?.[0];
  if (origin === undefined) return `${address.slice(0, address.indexOf(':') + 1)}…`;
  return origin === address ? address : `${origin}/…`;
}
