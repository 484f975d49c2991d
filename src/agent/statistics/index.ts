export { type SumCrypto, type SumKey, SumMember } from './sum-member.ts';
