/** Parts of a query or a path that cameras take passwords in. */
const secretParts = /((?:^|[?&/;])(?:[a-z_]*(?:pass(?:word|wd)?|pwd|token|secret|auth|key))=)[^&/;#\s'"]*/gi;
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)[^/@\s'"]*@/gi;

/** A source as messages may show it: without user, password and token. */
export function redactSource(spec: string): string {
  return spec.replace(userInfo, '$1').replace(secretParts, '$1...');
}

/** Takes user names' passwords and every form of the secrets out of a text that somebody else wrote. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((left, form) => left.replaceAll(form, '...'), redactSource(text));
}

/** As it is, and as it stands in an address or a header. */
function formsOf(secret: string): string[] {
  if (secret === '') return [];
  return [secret, encodeURIComponent(secret), encodeURI(secret), Buffer.from(secret).toString('base64')];
}
