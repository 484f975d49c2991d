// C0, DEL and C1 (among them ESC and CSI), marks that turn the direction of text, and separators that end a line.
const controls = '\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2028\\u2029\\u2066-\\u2069';
const anywhere = new RegExp(`[${controls}]`, 'g');

/**
 * Text from outside as a terminal may show it: what would steer the terminal is written out (`\x1b`, `\u202e`). `lines`: the
 * text is of several lines, so line ends and tabs stay. See CWE-150.
 */
export function printable(text: string, { lines = false }: { readonly lines?: boolean } = {}): string {
  return text.replace(anywhere, (char) => (lines && (char === '\n' || char === '\t') ? char : escaped(char)));
}

/** JSON with nothing in it that steers a terminal; it means the same. */
export function printableJson(json: string): string {
  return json.replace(anywhere, (char) =>
    char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  if (char === '\n') return '\\n';
  if (char === '\t') return '\\t';
  if (char === '\r') return '\\r';
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
