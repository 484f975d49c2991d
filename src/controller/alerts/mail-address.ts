const most = 20;
const one = /^[A-Za-z0-9.!#$&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

export function isMailAddress(url: string): boolean {
  return /^mailto:/i.test(url);
}

/** `mailto:ann@site.example,bob@site.example`; empty for anything that is not only that. */
export function recipientsOf(url: string): readonly string[] {
  if (!isMailAddress(url)) return [];
  const recipients = url.slice('mailto:'.length).split(',');
  return recipients.length <= most && recipients.every((text) => one.test(text)) ? recipients : [];
}
