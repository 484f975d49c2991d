import { type Check, checksOf } from './check.ts';

/*
 * What a device looks at before it believes signed metadata and runs a model: each can be taken out by itself.
 */
const set = 'src/trust/client/trusted-set.ts';
const client = 'src/trust/client/metadata-client.ts';
const envelope = 'src/trust/format/envelope.ts';
const hashes = 'src/trust/format/hashes.ts';
const roles = 'src/trust/format/roles.ts';
const admission = 'src/trust/release/admission.ts';
const release = 'src/trust/release/release.ts';
const orders = 'src/trust/orders/envelope.ts';
const gate = 'src/agent/trust/signed-gate.ts';
const ledger = 'src/agent/trust/ledger.ts';
const crypto = 'src/adapters/crypto/node-trust-crypto.ts';

const chain: readonly Check[] = [
  ...checksOf(set, [
    [
      'the first root is signed',
      "this.#expectTop(envelope, 'root', this.#root, 'The root that this begins with');",
    ],
    ['the first root is of this repository', "this.#expectRepository(this.#root, 'root');"],
    ['a new root is of this repository', "this.#expectRepository(next, 'root');"],
    ['a new root is signed by the previous one', "this.#expectTop(envelope, 'root', this.#root, what);"],
    ['a new root is signed by its own keys', "this.#expectTop(envelope, 'root', next, what);"],
    ['a new root is the next one', 'if (next.version !== this.#root.version + 1)', 'if (false)'],
    [
      'the root has not expired',
      "expectFresh(this.#root, nowMs, 'The root', 'Have the owner sign a new one: goshawk keys rotate.');",
    ],
    ['a timestamp is of this repository', "this.#expectRepository(timestamp, 'timestamp');"],
    ['a timestamp is signed', "this.#expectTop(envelope, 'timestamp', this.#root, 'The timestamp');"],
    ['a timestamp is not older than the known one', 'if (next.version < known.version)', 'if (false)'],
    ['a timestamp that is known has not expired', "expectFresh(known, nowMs, 'The timestamp', staleRemedy);"],
    [
      "a timestamp's snapshot is not older than the known one",
      'if (next.snapshot.version < known.snapshot.version)',
      'if (false)',
    ],
    ['a timestamp has not expired', "expectFresh(next, nowMs, 'The timestamp', staleRemedy);"],
    ['a snapshot is of this repository', "this.#expectRepository(snapshot, 'snapshot');"],
    ['a snapshot is signed', "this.#expectTop(envelope, 'snapshot', this.#root, 'The snapshot');"],
    [
      'a snapshot on the disk is the one of the timestamp',
      "    return this.#known(() => {\n      expectFile(bytes, meta, this.#verifier, 'The snapshot');",
      '    return this.#known(() => {',
    ],
    ['a snapshot on the disk has not expired', "expectFresh(snapshot, nowMs, 'The snapshot', staleRemedy);"],
    [
      'a snapshot is what the timestamp names',
      "    expectFile(bytes, meta, this.#verifier, 'The snapshot');\n    const next",
      '    const next',
    ],
    [
      'a snapshot has the version that the timestamp names',
      "if (next.version !== meta.version)\n      throw rolledBack('The snapshot'",
      "if (false)\n      throw rolledBack('The snapshot'",
    ],
    [
      'a snapshot names all that it named',
      'if (now === undefined) throw',
      'if (now === undefined) continue; if (false) throw',
    ],
    ['a snapshot names nothing older', 'if (now.version < version) throw', 'if (false) throw'],
    ['a snapshot has not expired', "expectFresh(next, nowMs, 'The snapshot', staleRemedy);"],
    ['targets are what the snapshot names', 'expectFile(bytes, meta, this.#verifier, what);'],
    [
      'targets are of this repository',
      "    this.#expectRepository(role, 'targets');\n    this.#expectDelegated",
      '    this.#expectDelegated',
    ],
    ['targets are signed', 'this.#expectDelegated(envelope, name, delegator, what);'],
    ['targets have the version that the snapshot names', 'if (role.version !== meta.version)', 'if (false)'],
    [
      'targets have not expired',
      "expectFresh(role, nowMs, what, 'Let the owner sign it again: goshawk keys renew.');",
    ],
    [
      'targets on the disk are of this repository',
      "      this.#expectRepository(role, 'targets');\n      this.#expectTop",
      '      this.#expectTop',
    ],
    ['targets on the disk are signed', "this.#expectTop(envelope, 'targets', this.#root, 'The targets');"],
    [
      'a role that two delegate to is signed for both',
      'if (known !== undefined)\n      this.#expectDelegated',
      'if (false)\n      this.#expectDelegated',
    ],
    ['a delegated role is signed', 'expectSigned(envelope, delegation, from.keys, this.#verifier, what);'],
  ]),
  ...checksOf(client, [
    ['the root is asked whether it has expired', 'client.#set.expectFreshRoot(client.#nowMs);'],
    ['the known timestamp counts', 'if (known !== undefined) this.#set.knowTimestamp(known);'],
    ['the known snapshot counts', 'if (known !== undefined) this.#set.knowSnapshot(known);'],
    ['a root has an end', 'source.fetch(file, limits.rootBytes,', 'source.fetch(file, Infinity,'],
    ['new roots have an end', 'n < limits.rootRotations', 'n < 5000'],
    ['a timestamp has an end', "'timestamp.json', limits.timestampBytes", "'timestamp.json', Infinity"],
    ['a snapshot has an end', "'snapshot', meta, limits.snapshotBytes", "'snapshot', meta, Infinity"],
    [
      'targets have an end',
      'this.#set.metaOf(name), limits.targetsBytes',
      'this.#set.metaOf(name), Infinity',
    ],
    ['metadata is no longer than the file that names it says', 'Math.min(meta.length ?? most, most)', 'most'],
    [
      'delegations have an end',
      'open.length > 0 && visited.size < this.#ports.limits.delegations',
      'open.length > 0',
    ],
    ['a role is looked at once', 'if (visited.has(name)) continue;'],
    [
      'a delegation is for its paths alone',
      'role.delegations.filter((one) => isDelegated(one, path, this.#ports.verifier))',
      '[...role.delegations]',
    ],
    ['a terminating delegation ends the search', 'if (end >= 0) {', 'if (false) {'],
    ['a role that was taken is looked at for its next delegator', 'this.#set.expectDelegatedBy(name, from);'],
  ]),
  ...checksOf('src/trust/client/trusted-time.ts', [
    [
      'the time is that of the wall where it is later',
      'Math.max(wallMs, this.knownMs(monotonicMs))',
      'this.knownMs(monotonicMs)',
    ],
    ['the time is never before what was signed', 'Math.max(wallMs, this.knownMs(monotonicMs))', 'wallMs'],
    [
      'the time advances by the monotonic clock',
      'this.#atLeastMs + Math.max(0, monotonicMs - this.#sinceMs)',
      'this.#atLeastMs',
    ],
    ['the time does not return to an older signature', 'if (issuedMs <= knownMs) return true;'],
    ['a new root says what time it is', 'this.#set(root.issuedMs ?? 0, monotonicMs);'],
    ['a root says the time once', 'if (root.version <= this.#root) return;'],
    ['a controller alone moves the time two days', 'Math.min(issuedMs, knownMs + stepMs)', 'issuedMs'],
    ['it does so once a day', 'if (knownMs < this.#stepFromMs) return issuedMs <= knownMs + stepMs;'],
    ['NTP contradicts it', 'if (wall.synchronised) return false;'],
  ]),
];

const obedience: readonly Check[] = [
  ...checksOf('src/agent/trust/order-opener.ts', [
    [
      'an order whose keys the root names no longer is not followed',
      'if (authority !== trust.authority) throw outdated();',
    ],
  ]),
  ...checksOf('src/agent/desired-state-handler.ts', [
    [
      'generations restart with other keys',
      'order.authority !== authority || order.desired.generation > generation',
      'order.desired.generation > generation',
    ],
    [
      'an older generation of the same keys is not followed',
      'order.authority !== authority || order.desired.generation > generation',
      'true',
    ],
  ]),
];

const withdrawals: readonly Check[] = [
  ...checksOf(gate, [
    ['a model that is withdrawn is known as such', "if (isWithdrawn(admission)) return 'withdrawn';"],
  ]),
  ...checksOf('src/agent/withdrawals/withdrawal-watch.ts', [
    ['signed metadata is fetched at regular intervals', 'await trust.refresh(this.#ending.signal);'],
    ['a model that its owner withdrew is replaced', 'else await this.#replace(slot, runs);'],
  ]),
];

const adoption: readonly Check[] = [
  ...checksOf('src/runtime/device/trust.ts', [
    [
      'a root counts from when it came, whatever runs',
      '      this.#gate = gate;\n      await',
      '      await',
    ],
  ]),
];

const forms: readonly Check[] = [
  ...checksOf(envelope, [
    ['a file has few signatures', 'if (list.length > mostSignatures)', 'if (false)'],
    ['a key signs a file once', 'if (seen.has(keyId))', 'if (false)'],
    [
      'keys of other roles do not count',
      'allowed.has(keyId) ? keys.get(keyId) : undefined',
      'keys.get(keyId)',
    ],
    [
      'a key under two ids counts once',
      '|| signers.has(who)) continue;\n    if (verifier.verify(key, message, bytes)) signers.add(who);',
      ') continue;\n    if (verifier.verify(key, message, bytes)) signers.add(keyId);',
    ],
    ['a signature is verified', 'if (verifier.verify(key, message, bytes))', 'if (true)'],
    [
      'as many sign as the threshold says',
      'if (signers >= role.threshold) return;',
      'if (signers >= 1) return;',
    ],
    ['at least one key signs', 'if (signers >= role.threshold) return;', 'return;'],
  ]),
  ...checksOf(hashes, [
    [
      'bytes have the length that is signed',
      'if (length !== undefined && bytes.byteLength !== length)',
      'if (false)',
    ],
    ['a hash is one that is known here', 'if (hashes.size > 0 && known.length === 0)', 'if (false)'],
    [
      'bytes have the hash that is signed',
      'if (verifier.digest(name as HashName, bytes) !== hash)',
      'if (false)',
    ],
  ]),
  ...checksOf(roles, [
    ['a root names every role', 'if (!roles.has(role)) throw', 'if (false) throw'],
    ['a file is of the role that it is taken for', 'if (signed._type !== type)', 'if (false)'],
    ['a file is of version 1 of TUF', 'if (!/^1(\\.\\d{1,6}){0,2}$/.test(spec))', 'if (false)'],
    ['a file says when it ends', 'if (expiresMs === undefined) throw', 'if (false) throw'],
    [
      'a version is 1 at least',
      "read.count(signed.version, 'version', 1)",
      "read.count(signed.version, 'version', -1e9)",
    ],
    ['a role names a key once', 'if (new Set(keyIds).size !== keyIds.length)', 'if (false)'],
    ['a threshold is 1 at least', '.threshold`, 1)', '.threshold`, -1e9)'],
    ['keys have an end', 'if (keys.size > mostKeys)', 'if (false)'],
    ['a target has a hash', 'if (facts.hashes.size === 0)', 'if (false)'],
    ['a hash is hex', "if (text === '' || fromHex(text) === undefined)", 'if (false)'],
    [
      'a top role is not delegated',
      "if (name === '' || (topRoles as readonly string[]).includes(name))",
      'if (false)',
    ],
  ]),
  ...checksOf('src/trust/format/canonical.ts', [
    [
      'a number has one form',
      "typeof value === 'number' && Number.isSafeInteger(value)",
      "typeof value === 'number'",
    ],
  ]),
  ...checksOf(crypto, [
    ['a key is of the kind that it says', 'return fits ? key : undefined;', 'return key;'],
    ['a point is on P-256', "curve === 'prime256v1'", 'true'],
    ['an RSA key has 2048 bits', 'bits >= 2048', 'true'],
    ['a key that is ed25519 says so', "keytype === 'ed25519' && key", 'key'],
  ]),
];

const admissions: readonly Check[] = [
  ...checksOf(admission, [
    [
      'the owner has signed it',
      "if (image === undefined) return refused('not-signed', 'The owner has not signed it.');\n  if (director === undefined)",
      'if (image === undefined) image = director!;\n  if (director === undefined)',
    ],
    [
      'the controller directs it',
      'if (director === undefined)',
      'if (director === undefined) director = image;\n  if (false)',
    ],
    ['both say the same', 'if (other !== undefined)', 'if (false)'],
    ['both say the same length', 'if (image.length !== director.length)', 'if (false)'],
    ['both have a hash in common', 'if (known.length === 0)', 'if (false)'],
    [
      'both have the same hash',
      'return known.find(([name, hash]) => director.hashes.get(name) !== hash)?.[0];',
      'return undefined;',
    ],
    ['the order has the digest that is signed', '!== digest)', '!== digest && false)'],
    [
      'its signed description can be read',
      "if (typeof release === 'string') return refused('release-form', release);",
      "if (typeof release === 'string') return { kind: 'admitted', release: { release: 1e9 }, length: image.length };",
    ],
    ['it was not withdrawn', 'if (revoked === true)', 'if (false)'],
    [
      'it is for this board',
      "if (boards !== undefined && !boards.includes(device.board ?? ''))",
      'if (false)',
    ],
    [
      'it is for this TensorRT',
      'if (tensorrt !== undefined && !tensorrt.some',
      'if (false && !tensorrt!.some',
    ],
    [
      'it is for this agent',
      'if (minimumAgent !== undefined && isBelow(device.agent, minimumAgent))',
      'if (false)',
    ],
    [
      'it is no release before',
      'if (floor === undefined || release >= floor) return undefined;',
      'return undefined;',
    ],
    ['a rollback is from no later release', 'floor <= rollbackFrom', 'true'],
  ]),
  ...checksOf(release, [
    [
      'every limit is one that the agent knows',
      "if (unknown !== undefined) throw read.wrong(unknown, 'known",
      "if (false) throw read.wrong(unknown, 'known",
    ],
    [
      'every limit of the hardware is one that the agent knows',
      'if (unknown !== undefined) throw read.wrong(`hardware',
      'if (false) throw read.wrong(`hardware',
    ],
  ]),
  ...checksOf(orders, [
    ['an order has few signatures', 'if (signatures.length > 16)', 'if (false)'],
    ['an order is of the type of orders', 'if (type === wanted && countSigners', 'if (countSigners'],
    [
      'an order is signed',
      'countSigners(message, signatures, role, keys, verifier) >= role.threshold',
      'true',
    ],
    ['the type is signed, too', 'bytes.set(head);'],
  ]),
  ...checksOf('src/trust/orders/order.ts', [
    ['an order is for this device', 'if (fields.device === device) return', 'return'],
  ]),
  ...checksOf(gate, [
    ['an order has an end', 'if (payload.byteLength > maxOrderBytes)', 'if (false)'],
    [
      'an order is in an envelope',
      'if (signed === undefined)\n      throw',
      'if (signed === undefined) return { payload };\n    if (false)\n      throw',
    ],
    [
      'unsigned orders do not make it ask all the time',
      'if (this.#rootAskedMs !== undefined && nowMs - this.#rootAskedMs < rootEveryMs) return false;',
    ],
    ['the release that was committed counts', 'floor: this.#ledger.floor(model.name),', 'floor: undefined,'],
    [
      'an admitted model is stored',
      '    await this.#take(model, admission);',
      "    if (admission.kind === 'refused') await this.#take(model, admission);",
    ],
    [
      'a refused model is not admitted',
      "if (admission.kind === 'refused') throw refusal(bundle, admission.detail, admission.why);\n    await",
      'await',
    ],
    [
      'a model that nothing names is refused before an engine reads it',
      "throw refusal(bundle, 'No signed metadata names it.', 'not-signed');",
    ],
    [
      'a model that is withdrawn is refused at the next start',
      'if (known !== undefined && (this.#ports.servesWithdrawn === true || !isWithdrawn(admission))) return;',
      'if (known !== undefined) return;',
    ],
    [
      'a model on the disk that does not fit is refused before an engine reads it',
      "if (admission.kind === 'refused') throw refusal(bundle, admission.detail, admission.why);\n      //",
      "if (admission.kind === 'refused') return;\n      //",
    ],
    [
      'targets on the disk are verified',
      'bytes !== undefined && trusted.knowTargets(bytes)',
      'bytes !== undefined && (trusted.knowTargets(bytes) || true)',
    ],
    [
      'the first roots are verified at the start',
      "const director = await openTrusted(gate.#repository('director'), ports.anchor.director);",
      'const director = image;',
    ],
    [
      'a committed release is kept',
      'await this.#ledger.setFloor(name, known.release, this.#keptTime())',
      'await Promise.resolve()',
    ],
    ['signed times are seen', 'this.#time.controllerSaid(issuedMs, wall, monotonicMs)', 'issuedMs >= 0'],
    [
      'a time that the owners signed counts',
      'if (ownersMs !== undefined) this.#time.ownersSaid(ownersMs, monotonicMs);',
    ],
    [
      'the time from before the restart counts',
      'gate.#time = new TrustedTime(gate.#ledger.time, ports.clock.monotonicMs());',
    ],
    [
      'generations are those of the keys that the root names',
      'authority: this.#sawDirector(root) };',
      "authority: this.#orderKeys?.authority ?? '' };",
    ],
    ['each repository is held to its own name', 'limits, repository }', 'limits }'],
  ]),
  ...checksOf(ledger, [
    [
      'a ledger is of the form that it must have',
      'if (Value.Check(LedgerState, state)) this.#state = state;',
      'this.#state = state as LedgerState;',
    ],
    ['a ledger has an end', '.slice(1 - mostAdmitted)'],
  ]),
  ...checksOf('src/agent/trust/admitted-engines.ts', [
    [
      'an engine opens only admitted models',
      'await this.#trust.expectAdmitted({ name, version, digest: bundle.digest });',
    ],
  ]),
];

const formats = ['test/unit/trust', 'test/unit/adapters/crypto/trust-crypto'];
const gateTests = ['signed-gate', 'admitted-engines', 'ledger'].map(
  (name) => `test/unit/agent/trust/${name}`,
);
const recoveries = ['test/unit/agent/trust/stolen-online-key', 'test/unit/agent/trust/poisoned-time'];
const attacks = ['test/unit/agent/trust/attacks', 'test/unit/agent/trust/lost-keys'];

/** Checks of metadata, and the tests that have to miss them, the quick ones first. */
export const metadataChecks = [
  { checks: [...chain, ...forms], tests: [formats, gateTests, attacks] },
  { checks: admissions, tests: [formats, gateTests, attacks, recoveries] },
  { checks: obedience, tests: [recoveries] },
  { checks: withdrawals, tests: [['test/unit/agent/withdrawals/withdrawal-watch']] },
  { checks: adoption, tests: [['test/unit/runtime/device/trust.test']] },
];
