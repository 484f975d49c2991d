/** Parts of a query, a path or a pipeline that passwords stand in. */
const secretParts =
  /((?:^|[?&/;\s,])[a-z_-]*(?:pass(?:word|wd|phrase)?|pwd|pw|token|secret|auth|key)=)(?:"[^"]*"|[^&/;#\s'"]*)/gi;
/** Up to the last @: a password that was written without %40 and %2F must not show either. */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi;

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
