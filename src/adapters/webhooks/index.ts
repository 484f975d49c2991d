export { AddressPolicy } from './address-policy.ts';
export { HttpWebhooks, type HttpWebhooksOptions } from './sender.ts';
export { signatureOf, verifySignature } from './signature.ts';
