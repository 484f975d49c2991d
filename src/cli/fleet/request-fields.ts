import { InputError } from '../../base/index.ts';

/** The fields of a request as a person types them: a JSON object. */
export function requestFields(text: string): Record<string, unknown> {
  const fields = parsed(text);
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
    return fields as Record<string, unknown>;
  throw new InputError(
    'robot-request-json',
    `--with is no JSON object: ${text.slice(0, 100)}`,
    `Write the fields of the request, e.g. --with '{"station": 3}'.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
