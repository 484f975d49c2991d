/* Takes secrets out of texts and values that leave a machine: logs, settings, reports; pure. */

const removed = '(secret)';

/** In this order: what is longer and surer comes first. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, removed],
  // `<token>` is a placeholder of ours.
  [
    /\b(authorization)(["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+(?!<)[^\s"']+|(?!(?:bearer|basic)\b|<)[^\s"']+)/gi,
    `$1$2${removed}`,
  ],
  // After a sign of equality, or a word with a digit: "the token of the controller" names no token.
  [
    /((?:\b|_)(?:password|passwd|passphrase|pwd|pw|token|secret|bearer|api[-_]?key))(["']?\s*[:=]\s*["']?(?!<)|\s+(?=\S*\d))[^\s"'&;,}]+/gi,
    `$1$2${removed}`,
  ],
  // Tokens and claims of Goshawk, and JSON Web Tokens.
  [/\bgsk_[0-9a-f]+_[0-9a-f]+/gi, removed],
  [/\bgoshawk-claim:\S+/gi, removed],
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]+)?/g, removed],
  // Up to the last @: a password that was written without %40 and %2F must not show either.
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s'"]{0,300}@/gi, '$1'],
  // A digest names its algorithm; other long hexadecimal numbers may be keys.
  [/(?<!sha256:)(?<![0-9a-f])[0-9a-f]{48,}\b/gi, removed],
];
/** As keys are written; long paths look like it. */
const base64 = /[A-Za-z0-9+/_-]{40,}={0,2}/g;

/** One text, without the tokens, keys and passwords that can be told by their form. */
export function redactSecrets(text: string): string {
  let result = text;
  for (const [pattern, instead] of patterns) result = result.replaceAll(pattern, instead);
  return result.replaceAll(base64, (found) => (isKey(found) ? removed : found));
}

/** What is no path and no sentence in one word: it has letters of both cases, digits, and no folder. */
function isKey(text: string): boolean {
  return [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text)) && !/^\/|\/[a-z0-9_-]{3,}\//.test(text);
}

/** Names of fields that hold a secret; one that ends in `File` holds a path. */
const secretName =
  /pass(?:word|wd|phrase)?$|pwd$|token$|secret$|authorization$|credentials?$|(?:private|api|access)[-_]?key$|^pin$|^cookie$/i;
const deepest = 16;

/** A value as JSON has it, without secrets: by the names of its fields, and each text by `redact`. */
export function redactValue(value: unknown, redact: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '(too deep)';
  if (Array.isArray(value)) return value.map((one) => redactValue(one, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      redact(name),
      secretName.test(name) && one !== undefined && one !== null && typeof one !== 'object'
        ? removed
        : redactValue(one, redact, depth + 1),
    ]),
  );
}
