// Around: no package: node:https posts and node:crypto signs

export { AddressPolicy } from './address-policy.ts';
export { HttpAlertChannel, type HttpAlertChannelOptions, sayAnswer } from './sender.ts';
export { signatureOf, verifySignature } from './signature.ts';
