import { type Check, checksOf } from './check.ts';

/*
 * What stands between a token that was stolen, or a registry that was broken into, and a device: each can be taken out by
 * itself.
 */
const client = 'src/adapters/oci/registry-client.ts';
const download = 'src/adapters/oci/download.ts';
const http = 'src/adapters/oci/http.ts';
const requests = 'src/adapters/oci/registry-http.ts';
const access = 'src/controller/registry/access.ts';
const issuer = 'src/controller/registry/token-issuer.ts';

const device: readonly Check[] = [
  ...checksOf(client, [
    ['a document has the requested digest', 'if (came !== digest)', 'if (false)'],
    [
      'a manifest that is named by its digest has it',
      "if (reference.startsWith('sha256:') && found.digest !== reference)",
      'if (false)',
    ],
    ['a web page is no document', '      refuseWebPage(url, answer);'],
  ]),
  ...checksOf('src/adapters/oci/token.ts', [
    [
      'the device shows itself to the registry of its settings alone',
      "if (tokenServer === 'own') return",
      "if (tokenServer === 'own') return named ?? new URL(base); else return",
    ],
    [
      'a token has an end',
      'await readSmall(answer, largestToken, where)',
      'await readSmall(answer, Infinity, where)',
    ],
  ]),
  ...checksOf('src/adapters/oci/failures.ts', [['a document has an end', 'if (size > most)', 'if (false)']]),
  ...checksOf(download, [
    ['a file has the digest that was promised', 'if (digest === expected.digest) return;', 'return;'],
    ['a file has no more bytes than were promised', 'if (at > size)', 'if (false)'],
    ['a file has no fewer bytes than were promised', 'if (at < size)', 'if (false)'],
    ['a part begins at the requested place', 'if (answer.status === 206 && !goesOn)', 'if (false)'],
    [
      'a continued download is fetched whole before a server is blamed',
      'if (digest !== expected.digest && have > 0)',
      'if (false)',
    ],
    ['wrong bytes are deleted', '  await emptied(target);\n  throw wrongBytes', '  throw wrongBytes'],
    ['a web page is no file', '    refuseWebPage(url, answer);'],
    ['a server that drips is given up', 'if (this.#bytes < this.#least)', 'if (false)'],
  ]),
  ...checksOf(requests, [
    ['another host gets no token', 'isHome && token !== undefined', 'token !== undefined'],
    ['another host sees no certificate', '...(isHome ? this.#shown() : {})', '...this.#shown()'],
    [
      'no redirect leads from https to http',
      "at.protocol === 'https:' && next.protocol !== 'https:'",
      'false',
    ],
    ['redirects have an end', 'redirects >= mostRedirects ||', 'redirects >= 1000 ||'],
    ['a redirect leads to a web server', '|| !/^https?:$/.test(next.protocol)'],
  ]),
  ...checksOf('src/adapters/oci/within.ts', [
    [
      'a server that is silent is given up',
      'let timer = setTimeout(whenSilent, ms);',
      'let timer = setTimeout(() => {}, 0);',
    ],
  ]),
  ...checksOf(http, [
    ["a peer's certificate is of the fleet", 'if (fault !== undefined) sent.destroy(new Error(fault));'],
  ]),
  ...checksOf('src/adapters/oci/peer-certificate.ts', [
    ['the signer of a certificate is an authority', 'if (index > 0 && !certificate.ca)', 'if (false)'],
    [
      'a certificate is valid now',
      'if (Date.parse(certificate.validFrom) > nowMs || Date.parse(certificate.validTo) < nowMs)',
      'if (false)',
    ],
    [
      'a certificate is signed by the fleet',
      'authority.ca && signed(authority, certificate)',
      'authority.ca',
    ],
  ]),
  ...checksOf('src/adapters/oci/offer-signature.ts', [
    ['a plan is offered by a device of the fleet', 'if (fault !== undefined) throw refused(fault);'],
    [
      'a plan is signed by the device that offers it',
      "|| !verify('sha256', Buffer.from(offerText(offer)), leaf.publicKey, signature)",
    ],
  ]),
  ...checksOf('src/runtime/device/fetch/bundle-fetch.ts', [
    ['an envelope is of this bundle', 'expectEnvelopeOf(envelope, this.#model.digest);'],
    ['an envelope names this device', "recipientOf(envelope, key?.() ?? '');"],
    [
      'a form that was of no use is not tried again',
      'this.#useless.add(form.digest);\n        await rm',
      'await rm',
    ],
    [
      'a copy from this disk is looked at',
      'if ((await digestFile(target)).digest === file.digest) return;',
      'return;',
    ],
  ]),
  ...checksOf('src/runtime/device/fetch/registry-source.ts', [
    ['lists of forms have an end', '.slice(-mostLists)'],
  ]),
];

const registry: readonly Check[] = [
  ...checksOf(access, [
    [
      'a token is good for what it was given for',
      'if (scopes === undefined || wanted === undefined) return true;',
      'return true;',
    ],
    [
      'a device may pull alone',
      "return wanted.action === 'pull' ? 'device' : wanted.action === 'push' ? 'operator' : 'admin';",
      "return 'device';",
    ],
    [
      'a device reads no lists',
      "if (wanted === 'catalog') return 'viewer';",
      "if (wanted === 'catalog') return 'device';",
    ],
    [
      'a token is given for no more than the role may',
      '        mayAct(role, roleFor({ name: scope.name, action })),',
      '        true,',
    ],
  ]),
  ...checksOf(issuer, [
    [
      'a token ends',
      'grant !== undefined && this.#clock.monotonicMs() < grant.untilMs',
      'grant !== undefined',
    ],
    [
      'a token that was got with a deleted one ends with it',
      'if (caller.caller.tokenId === tokenId) this.#grants.delete(key);',
    ],
    [
      'tokens have an end',
      'if (untilMs > nowMs && this.#grants.size < maxTokens) return;',
      'if (untilMs > nowMs) return;',
    ],
  ]),
  ...checksOf('src/controller/registry/ordered-digests.ts', [
    [
      'a device has what it is ordered to run',
      'return bundlesOf(this.#registry.get(device)).includes(bundle);',
      'return true;',
    ],
    [
      'a reference to it is of its bundle',
      'manifest.subject !== undefined && allowed.has(manifest.subject)',
      'manifest.subject !== undefined',
    ],
  ]),
  ...checksOf('src/controller/registry/oci-registry.ts', [
    [
      'a device reads what it is ordered to run',
      'return this.#ordered.mayRead(device, repository, digest);',
      'return true;',
    ],
  ]),
  ...checksOf('src/adapters/fastify/registry/registry-tokens.ts', [
    [
      'a token that a certificate got is worth nothing without it',
      'if (asks.certified !== true) return asks;',
      'return asks;',
    ],
    ['a client that guesses tokens is stopped', 'throw await this.#guessed(request, error);', 'throw error;'],
  ]),
];

const downloads = ['test/unit/adapters/oci', 'test/unit/adapters/peers'];
const fetches = ['test/unit/runtime/device/fetch', 'test/unit/runtime/device/device-models'];
const rules = ['test/unit/controller/registry'];
const served = ['test/unit/adapters/fastify/registry'];

/** Checks of bytes and of who may have them, and the tests that have to miss them, the quick ones first. */
export const byteChecks = [
  { checks: device, tests: [downloads, fetches, served] },
  { checks: registry, tests: [rules, served] },
];
