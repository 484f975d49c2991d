import type { ErrorBody } from '../../api/index.ts';
import { GoshawkError, InputError, LimitError, MissingError, RefusedError } from '../../base/index.ts';

/** What the controller refused, with its own code and remedy; its kind, and so the exit status, follows from the HTTP status. */
export async function refusal(response: Response): Promise<GoshawkError> {
  const text = await response.text();
  try {
    const { code, message, remedy } = JSON.parse(text) as ErrorBody;
    const Kind = kindOf(response.status);
    if (code === 'request-invalid') return new Kind(code, typedWords(message), typedRemedy);
    return new Kind(code, message, remedy);
  } catch {
    if ([502, 503, 504].includes(response.status))
      return new MissingError(
        'controller-unreachable',
        `A proxy answers ${response.status} ${response.statusText}: the controller behind it does not answer.`,
        'Check that `goshawk controller` runs there.',
      );
    return new GoshawkError(
      'controller-answer',
      `The controller answered ${response.status} ${response.statusText}.`,
      'Check that --url is the address of a Goshawk controller.',
    );
  }
}

/** The user of a command typed options, not a request. */
const typedRemedy = 'Add --help to the command to see what it takes.';

function typedWords(message: string): string {
  return message.replace(/^The request does not fit: \w+\//, '');
}

/** The other way round of what the HTTP adapter does. */
function kindOf(status: number): typeof GoshawkError {
  switch (status) {
    case 401:
    case 403:
    case 409:
      return RefusedError;
    case 404:
    case 503:
    case 504:
      return MissingError;
    case 408:
    case 413:
    case 422:
    case 429:
    case 507:
      return LimitError;
    case 500:
      return GoshawkError;
    default:
      return InputError;
  }
}
