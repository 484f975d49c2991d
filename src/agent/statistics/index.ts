export { type SumCrypto, type SumKey, SumMember } from './sum-member.ts';
export { withheldDrift, withheldEvent, withheldPreview } from './withheld.ts';
