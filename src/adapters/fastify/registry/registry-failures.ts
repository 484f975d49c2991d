import type { GoshawkError } from '../../../base/index.ts';
import { toGoshawkError } from '../failures.ts';

/** Codes and statuses of the OCI distribution specification 1.1 for errors of ours. */
const byCode: Readonly<Record<string, readonly [status: number, code: string]>> = {
  'blob-unknown': [404, 'BLOB_UNKNOWN'],
  'manifest-unknown': [404, 'MANIFEST_UNKNOWN'],
  'repository-unknown': [404, 'NAME_UNKNOWN'],
  'repository-name': [400, 'NAME_INVALID'],
  'upload-unknown': [404, 'BLOB_UPLOAD_UNKNOWN'],
  'upload-range': [416, 'BLOB_UPLOAD_INVALID'],
  'upload-busy': [409, 'BLOB_UPLOAD_INVALID'],
  'upload-length': [400, 'SIZE_INVALID'],
  'digest-form': [400, 'DIGEST_INVALID'],
  'digest-mismatch': [400, 'DIGEST_INVALID'],
  'manifest-blob-unknown': [400, 'MANIFEST_BLOB_UNKNOWN'],
  'artifact-size': [413, 'MANIFEST_INVALID'],
  'manifest-size': [413, 'MANIFEST_INVALID'],
  'file-too-large': [413, 'SIZE_INVALID'],
  'registry-full': [507, 'DENIED'],
  'route-unknown': [404, 'UNSUPPORTED'],
  unsupported: [405, 'UNSUPPORTED'],
};

const byStatus: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  429: 'TOOMANYREQUESTS',
};

export interface RegistryFailure {
  readonly status: number;
  readonly error: GoshawkError;
  readonly body: {
    readonly errors: readonly { readonly code: string; readonly message: string; readonly detail: string }[];
  };
}

/** An error as a registry says it. What was not foreseen keeps its words for the log. */
export function registryFailure(cause: unknown): RegistryFailure {
  const { status: usual, error } = toGoshawkError(cause);
  const [status, code] = byCode[error.code] ?? [usual, codeOf(error, usual)];
  const message = status === 500 ? 'The controller failed at this request.' : error.message;
  return { status, error, body: { errors: [{ code, message, detail: error.remedy }] } };
}

function codeOf({ code }: GoshawkError, status: number): string {
  if (/^(artifact|manifest)-/.test(code) && status === 400) return 'MANIFEST_INVALID';
  return byStatus[status] ?? 'UNSUPPORTED';
}
