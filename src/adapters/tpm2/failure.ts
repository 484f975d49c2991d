import { type GoshawkError, MissingError, RefusedError } from '../../base/index.ts';
import { installRemedy } from '../../platform/index.ts';

/** How a program of tpm2-tools ended, other than well. */
export interface ToolFailure {
  readonly program: string;
  readonly kind: 'not-installed' | 'ended' | 'too-late' | 'still-there';
  /** What it said last; it never says secrets. */
  readonly said: string;
}

const anew = 'Remove identity/ in the data folder of the agent and give it a claim: it makes a new key.';
const later =
  'The agent tries again. If this happens again, turn the board off and on, and check it with tpm2_getcap properties-fixed.';

/** MissingError where trying again may help, RefusedError where a person has to act. */
export function explainFailure(failure: ToolFailure): GoshawkError {
  const { program, kind, said } = failure;
  switch (kind) {
    case 'not-installed':
      return new MissingError(
        'tpm2-tools-missing',
        `${program} is not installed.`,
        installRemedy('tpm2-tools'),
      );
    case 'too-late':
    case 'still-there':
      return new MissingError('tpm-hangs', `The TPM does not answer (${program}).`, later);
    case 'ended':
      return byResponse(responseCode(said)) ?? byText(said) ?? unknown(failure);
  }
}

/** TPM 2.0 Library, Part 2, 6.6: of format one, only the error's number is looked at, and not which parameter it is of. */
function byResponse(code: number | undefined): GoshawkError | undefined {
  if (code === undefined) return undefined;
  const name = (code & 0x80) === 0 ? code : code & 0xbf;
  // TPM_RC_POLICY_FAIL; TPM_RC_PCR_CHANGED
  if (name === 0x9d || name === 0x128)
    return new RefusedError(
      'tpm-pcrs-changed',
      'The TPM does not open the key: its PCRs are not those that the key was sealed with. Another firmware or boot loader started this board.',
      `Boot the previous system. Otherwise: ${anew}`,
    );
  // TPM_RC_INTEGRITY: of an object that is whole.
  if (name === 0x9f)
    return new RefusedError(
      'tpm-another',
      'The key was sealed by another TPM, or this TPM was cleared since.',
      `Put the disk back into its board. Otherwise: ${anew}`,
    );
  // TPM_RC_BAD_AUTH, TPM_RC_AUTH_FAIL
  if (name === 0xa2 || name === 0x8e)
    return new RefusedError(
      'tpm-owner',
      'The owner of the TPM has a password, so no key can be sealed under the owner hierarchy.',
      'Take the password away (tpm2_changeauth -c owner -p OLD), or leave enrolment.seal out.',
    );
  // Warnings: memory, lockout, retry, testing.
  if (name >= 0x900 && name < 0x980)
    return new MissingError('tpm-busy', `The TPM is busy (0x${code.toString(16)}).`, later);
  return undefined;
}

function byText(said: string): GoshawkError | undefined {
  if (/resource busy/i.test(said))
    return new MissingError('tpm-busy', 'Another program uses the TPM.', later);
  if (/permission denied|operation not permitted/i.test(said))
    return new MissingError(
      'tpm-permission',
      'The TPM (/dev/tpmrm0) may not be opened by this user.',
      'adduser goshawk tss, then restart the agent.',
    );
  if (/could not load tcti|no such file or directory/i.test(said))
    return new MissingError(
      'tpm-missing',
      'There is no TPM 2.0 at /dev/tpmrm0.',
      'Turn it on in the firmware (fTPM, PTT, security device), or leave enrolment.seal out.',
    );
  return undefined;
}

function unknown({ program, said }: ToolFailure): GoshawkError {
  return new MissingError('tpm-failed', `${program} failed: ${said || 'it printed no text'}.`, later);
}

/** The last one that it names, of the TPM itself and not of the software around it. */
function responseCode(said: string): number | undefined {
  const codes = [...said.matchAll(/\(0x([0-9a-f]{1,8})\)/gi)].map(([, hex = '']) => Number.parseInt(hex, 16));
  return codes.filter((code) => code > 0 && code < 0x1000).at(-1);
}
