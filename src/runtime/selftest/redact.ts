/* Takes out of the report what names a person, a place or a secret; pure. */

import { redactSecrets } from '../../base/index.ts';

export interface Identity {
  readonly hostname: string;
  readonly user: string;
  readonly home: string;
}

const removed = '<removed>';

/** What names a board, a person or a place. Secrets are `redactSecrets`'. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, removed],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, removed],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/gi, removed],
  // `model@1.2.0` is no mail.
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi, removed],
  // Digests, keys, ids.
  [/\b[0-9a-f]{32,}\b/gi, removed],
  [/[\w-]{40,}/g, removed],
];
/** Up to a sign that ends a sentence; the address itself may be a camera's, with who signs in. */
const url = /\b([a-z][a-z0-9+.-]*):\/\/[^\s"'<>]*[^\s"'<>.,;:!?)]/gi;
/** Addresses that name no place: of this machine, of an example, of a manual. */
const harmlessUrl =
  /^[a-z][a-z0-9+.-]*:\/\/(?:host|localhost|127\.0\.0\.1|docs\.ros\.org|(?:[\w-]+\.)*example)(?::(?:\d+|port))?(?:\/[\w./-]*)?$/i;
/** Of this machine, of every interface, and of examples (RFC 5737). */
const harmlessAddress = /^(?:127\.|0\.0\.0\.0$|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/;
/** Four numbers after one of these words are a version (TensorRT 10.3.0.26), anything else an address. */
const address =
  /(?<!\b(?:version|tensorrt|driver|cuda|header|library|against)\W{1,3})\b(?:\d{1,3}\.){3}\d{1,3}\b/gi;

/** Names that many boards have, or that are words of ours: they tell no person and no place. */
const commonName = /^(?:root|admin|user|ubuntu|debian|nvidia|jetson|tegra-ubuntu|localhost|goshawk.*)$/i;

/** Nobody's in particular. */
const systemHome = /^\/(?:root$|var\/|usr\/|nonexistent)/;

/** One text of the report. */
export function redact(text: string, identity: Identity): string {
  return withoutNames(withoutSecrets(text, identity), identity, (name) => `(?<![\\w.-])${name}(?![\\w-])`);
}

/**
 * What is to be done, in our own words: a user who is called `install` takes no word out of it. Names are taken out of folders
 * of people alone.
 */
export function redactRemedy(text: string, identity: Identity): string {
  return withoutNames(
    withoutSecrets(text, identity),
    identity,
    (name) => `(?<=/(?:home|media|mnt)/)${name}(?![\\w-])`,
  );
}

function withoutSecrets(text: string, { home }: Identity): string {
  const hidden = text
    .replaceAll(url, (found: string, scheme: string) =>
      harmlessUrl.test(found) ? found : `${scheme}://${removed}`,
    )
    .replaceAll(address, (found) => (harmlessAddress.test(found) ? found : removed));
  let result = redactSecrets(hidden);
  for (const [pattern, instead] of patterns) result = result.replaceAll(pattern, instead);
  return home.length < 3 || systemHome.test(home)
    ? result
    : result.replaceAll(new RegExp(`(?<![\\w.-])${escaped(home)}(?![\\w-])`, 'g'), '~');
}

function withoutNames(text: string, { hostname, user }: Identity, where: (name: string) => string): string {
  let result = text;
  for (const [name, instead] of [
    [hostname, '<host>'],
    [user, '<user>'],
  ] as const) {
    // Too short a name stands in every other word.
    if (name.length < 3 || commonName.test(name)) continue;
    result = result.replaceAll(new RegExp(where(escaped(name)), 'gi'), instead);
  }
  return result;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
