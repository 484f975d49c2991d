import {
  asGoshawkError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../base/index.ts';

const statusByCode = new Map<string, number>([
  ['token-refused', 401],
  ['claim-refused', 401],
  ['certificate-refused', 401],
  ['certificate-unknown', 401],
  ['forbidden', 403],
  ['scope-exceeded', 403],
  ['rollout-wider', 403],
  ['session-ended', 401],
  ['session-origin', 403],
  ['remote-pace', 429],
  ['restart-soon', 429],
  ['bundle-soon', 429],
  ['bundle-under-way', 429],
  ['camera-trying', 429],
  ['enrolment-busy', 503],
  ['enrolments-full', 503],
  ['too-many-attempts', 429],
  ['too-many-requests', 429],
  ['too-many-calls', 429],
  ['too-many-exports', 429],
  ['too-many-commands', 429],
  ['too-many-groups', 422],
  ['request-slow', 408],
  ['frame-unknown', 404],
  ['frame-too-large', 502],
  ['frame-incomplete', 502],
  ['file-too-large', 413],
  ['range-too-wide', 422],
  ['device-silent', 504],
  ['device-offline', 504],
  ['broker-away', 503],
  ['leader-away', 503],
  ['closing', 503],
  ['database-full', 507],
  ['artifact-disk-full', 507],
]);

const statusByClass = [
  [InputError, 400],
  [MissingError, 404],
  [RefusedError, 409],
  [LimitError, 413],
] as const;

/** HTTP status for an error; what is wrong with the database is never the caller's fault. */
export function statusOf(error: GoshawkError): number {
  const exact = statusByCode.get(error.code);
  if (exact !== undefined) return exact;
  if (error.code.startsWith('database-')) return 503;
  return statusByClass.find(([kind]) => error instanceof kind)?.[1] ?? 500;
}

/** Fastify's own errors (bad JSON, too large a body) in our form; anything unknown as `internal`. */
export function toGoshawkError(error: unknown): { readonly status: number; readonly error: GoshawkError } {
  if (error instanceof GoshawkError) return { status: statusOf(error), error };
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) {
    const message = error instanceof Error ? error.message : 'The request does not fit.';
    const code = status === 413 ? 'body-too-large' : 'request-invalid';
    return { status, error: new InputError(code, message, 'See /api/v1/openapi.json.', { cause: error }) };
  }
  const remedy = 'Read the log of the controller, and report this as a defect of Goshawk.';
  return { status: 500, error: asGoshawkError(error, 'internal', remedy) };
}

export const forbidden = (role: string, needed: string) =>
  new RefusedError(
    'forbidden',
    `This needs the role ${needed}; the token has ${role}.`,
    'Ask an admin for a token with that role.',
  );
