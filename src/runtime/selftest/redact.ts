/* Takes out of the report what names a person, a place or a secret; pure. */

export interface Identity {
  readonly hostname: string;
  readonly user: string;
  readonly home: string;
}

const removed = '<removed>';

/** In this order: what is longer and surer comes first. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // Who signs in with what at an address; the address itself may be a camera's.
  [/\b([a-z][a-z0-9+.-]*):\/\/[^\s"'<>]+/gi, `$1://${removed}`],
  [/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, removed],
  [/\b(password|passwd|token|secret|authorization|bearer|api[-_]?key)\b(\s*[:=]?\s*)\S+/gi, `$1$2${removed}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]+)?/g, removed],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, removed],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, removed],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/gi, removed],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, removed],
  // Digests, keys, ids.
  [/\b[0-9a-f]{32,}\b/gi, removed],
  [/[\w-]{40,}/g, removed],
];
/** As keys are written; long paths look like it. */
const base64 = /[A-Za-z0-9+/]{40,}={0,2}/g;
/** Four numbers after one of these words are a version (TensorRT 10.3.0.26), anything else an address. */
const address =
  /(?<!\b(?:version|tensorrt|driver|cuda|header|library|against)\W{1,3})\b(?:\d{1,3}\.){3}\d{1,3}\b/gi;

/** One text of the report. */
export function redact(text: string, { hostname, user, home }: Identity): string {
  let result = text;
  for (const [pattern, instead] of patterns) result = result.replaceAll(pattern, instead);
  result = result
    .replaceAll(base64, (found) => (isKey(found) ? removed : found))
    .replaceAll(address, removed);
  for (const [name, instead] of [
    [home, '~'],
    [hostname, '<host>'],
    [user, '<user>'],
  ] as const) {
    // Too short a name stands in every other word, and root is everybody's.
    if (name.length < 3 || name === 'root' || name === '/root') continue;
    result = result.replaceAll(new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-])`, 'gi'), instead);
  }
  return result;
}

/** What is no path: it has letters of both cases and digits. */
function isKey(text: string): boolean {
  return [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
