// Around: no package: tpm2-tools, the TCG software stack's programs, seal a secret by the TPM 2.0 of the board

export { type TpmFound, tpmFound } from './found.ts';
export { sealedObjectOf } from './sealed-object.ts';
export { Tpm2Seal, type Tpm2SealOptions } from './tpm2-seal.ts';
