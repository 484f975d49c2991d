import { defined, encodeUtf8 } from '../../base/index.ts';
import { FieldReader, parseJson } from '../format/fields.ts';
import { parseSignedPayload } from './envelope.ts';

/** Media type of what is in the envelope of a call. */
export const callType = 'application/vnd.goshawk.call.v1+json';

/** A call as it is signed: what is asked, of whom, and for how long it is good. */
export interface SignedCall {
  readonly device: string;
  readonly method: string;
  /** `<run of the controller>.<number>.<tag>`: never given twice. */
  readonly id: string;
  /** Since the run of the controller began, by a clock that can't be set: when it was sent, and when it is over. */
  readonly sentMs: number;
  readonly expiresMs: number;
  /** Of the device's life that is asked; absent where the controller does not know it. */
  readonly session?: number;
  /** JSON as text, so that what was signed is what is read. */
  readonly request: string;
}

export function callPayload(call: SignedCall): Uint8Array {
  return encodeUtf8(JSON.stringify(call));
}

/** InputError `trust-form`. */
export function parseCall(payload: Uint8Array): SignedCall {
  const read = new FieldReader('The call');
  const fields = read.object(parseJson(payload, 'The call'), 'the whole');
  const text = (name: string) => read.text(fields[name], name);
  const count = (name: string) => read.count(fields[name], name, 0);
  return {
    ...{ device: text('device'), method: text('method'), id: text('id'), request: text('request') },
    ...{ sentMs: count('sentMs'), expiresMs: count('expiresMs') },
    ...defined({ session: fields.session === undefined ? undefined : count('session') }),
  };
}

/** What is asked, whoever signed it: for a device without a root. As it is where it is in no envelope. */
export function unverifiedRequest(bytes: Uint8Array): Uint8Array {
  const signed = parseSignedPayload(bytes);
  return signed === undefined ? bytes : encodeUtf8(parseCall(signed.payload).request);
}
