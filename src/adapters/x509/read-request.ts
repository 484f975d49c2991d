import { createPublicKey } from 'node:crypto';
import { defined, describeError, InputError } from '../../base/index.ts';
import type { SigningRequest } from '../../controller/index.ts';
import { serialPattern } from '../../protocol/index.ts';
import { Pkcs10CertificateRequest } from './library.ts';
import { sha256 } from './signer.ts';

const serialForm = new RegExp(serialPattern);

/** Reads a request for a certificate (PKCS#10, DER) that came from outside. */
export async function readRequest(der: Uint8Array): Promise<SigningRequest> {
  const { request, key, commonName, board } = parse(der);
  const details = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
  if (details.asymmetricKeyType !== 'ec' || details.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new InputError(
      'request-key',
      `The request is for a key of the kind ${details.asymmetricKeyType ?? 'unknown'}; only P-256 is accepted.`,
      'Make the key with: openssl ecparam -genkey -name prime256v1',
    );
  if (!(await request.verify().catch(() => false)))
    throw new InputError(
      'request-signature',
      'The request was not signed with the key that it is for.',
      'Create the request again with the key for the certificate.',
    );
  return {
    der,
    device: commonName,
    key: sha256(key, 'hex'),
    ...defined({ board }),
  };
}

function parse(der: Uint8Array) {
  try {
    const request = new Pkcs10CertificateRequest(Uint8Array.from(der));
    const key = new Uint8Array(request.publicKey.rawData);
    createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
    const commonNames = request.subjectName.getField('CN');
    const boards = request.subjectName.getField('2.5.4.5');
    if (commonNames.length !== 1) throw new RangeError('its name has not exactly one common name');
    if (boards.length > 1) throw new RangeError('its name has more than one serial number');
    const board = boards[0];
    if (board !== undefined && !serialForm.test(board))
      throw new RangeError('its serial number holds other characters than letters, digits and " ._:/+-"');
    return { request, key, commonName: commonNames[0] ?? '', board };
  } catch (cause) {
    throw new InputError(
      'request-unreadable',
      `The request for a certificate can't be read: ${describeError(cause)}.`,
      'Send PKCS#10 as base64 of DER, with one common name: the device id.',
      { cause },
    );
  }
}
