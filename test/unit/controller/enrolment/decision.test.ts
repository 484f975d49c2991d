import { describe, expect, it } from 'vitest';
import {
  decideEnrolment,
  decideRenewal,
  type EnrolmentCase,
  maxGoodPerDevice,
  type RenewalCase,
  reservedNames,
} from '../../../../src/controller/enrolment/decision.ts';
import type { CertificateRow, ClaimRow } from '../../../../src/controller/index.ts';

const day = 86_400_000;
const nowMs = 100 * day;

const claim: ClaimRow = {
  ...{ id: 'c1', name: 'hall 3', rule: 'auto', count: 2, used: 0, groups: [], serials: [], devices: [] },
  ...{ createdMs: 0, createdBy: 'x', expiresMs: nowMs + day, hash: '00' },
};
const certificate: CertificateRow = {
  ...{
    serial: '01',
    fingerprint: 'f1',
    key: 'k1',
    der: '',
    device: 'd1',
    board: 'SN 1',
    claim: 'c1',
    groups: [],
  },
  ...{ issuedMs: nowMs - day, notBeforeMs: nowMs - day, notAfterMs: nowMs + 90 * day },
};
const request = { device: 'd1', board: 'SN 1', key: 'k1' };

const enrol = (change: Partial<EnrolmentCase>) =>
  decideEnrolment({
    ...{ claim, request, nowMs, ofDevice: [], ofKey: [], deviceKnown: false },
    ...{ reserved: reservedNames(['Forklift-7-PLC']), ...change },
  });
const renew = (change: Partial<RenewalCase>) =>
  decideRenewal({
    ...{ certificate, request, nowMs, lateMs: 60 * day, ofDevice: [certificate], ofKey: [certificate] },
    ...{ reserved: reservedNames(['forklift-7-plc']), ...change },
  });

type Outcome = 'issue' | 'again' | 'ask' | `refuse ${string}`;
const outcomeOf = (verdict: ReturnType<typeof decideEnrolment>): Outcome =>
  verdict.kind === 'refuse' ? `refuse ${verdict.error.code}` : verdict.kind;

describe('A request with a claim', () => {
  const mine = { ofDevice: [certificate], ofKey: [certificate] };
  const stolenName = { ofDevice: [{ ...certificate, key: 'other' }] };
  const table: readonly [string, Partial<EnrolmentCase>, Outcome][] = [
    ['that fits', {}, 'issue'],
    ...['controller', 'Broker', 'forklift-7-plc', 'FORKLIFT-7-plc', 'a/b', '+'].map(
      (device): [string, Partial<EnrolmentCase>, Outcome] => [
        `for the name ${device}, to which the broker gives other rights`,
        { request: { ...request, device }, deviceKnown: true },
        'refuse device-name-refused',
      ],
    ),
    ['of a rule that wants a person', { claim: { ...claim, rule: 'manual' } }, 'ask'],
    ['that was withdrawn', { claim: { ...claim, withdrawnMs: 1 } }, 'refuse claim-withdrawn'],
    [
      'that was withdrawn, of a device that has it',
      { claim: { ...claim, withdrawnMs: 1 }, ...mine },
      'refuse claim-withdrawn',
    ],
    ['at the moment of its end', { nowMs: claim.expiresMs }, 'refuse claim-expired'],
    ['right before its end', { nowMs: claim.expiresMs - 1 }, 'issue'],
    ['that is used up', { claim: { ...claim, used: 2 } }, 'refuse claim-used'],
    ['that is used up, of a device that it let in', { claim: { ...claim, used: 2 }, ...mine }, 'again'],
    ['that has expired, of a device that it let in', { claim: { ...claim, expiresMs: 1 }, ...mine }, 'again'],
    ['of a device that another claim let in', { claim: { ...claim, id: 'c2' }, ...mine }, 'ask'],
    [
      'of a device whose certificate has ended',
      {
        ...mine,
        ofDevice: [{ ...certificate, notAfterMs: nowMs }],
        ofKey: [{ ...certificate, notAfterMs: nowMs }],
      },
      'ask',
    ],
    ['for other boards', { claim: { ...claim, serials: ['SN 2'] } }, 'refuse serial-refused'],
    ['for this board', { claim: { ...claim, serials: ['SN 2', 'SN 1'] } }, 'issue'],
    [
      'for named boards, from one that says no serial number',
      { claim: { ...claim, serials: ['SN 1'] }, request: { device: 'd1', key: 'k1' } },
      'refuse serial-refused',
    ],
    ['with the key of another device', { ofKey: [{ ...certificate, device: 'd2' }] }, 'refuse key-taken'],
    [
      'with a key that was revoked',
      { ofDevice: [{ ...certificate, revokedMs: 1 }], ofKey: [{ ...certificate, revokedMs: 1 }] },
      'refuse key-revoked',
    ],
    [
      'for the name of another board',
      { ...stolenName, request: { ...request, board: 'SN 9' } },
      'refuse device-name-taken',
    ],
    [
      'for the name of a board, without a serial number',
      { ...stolenName, request: { device: 'd1', key: 'k1' } },
      'refuse device-name-taken',
    ],
    ['of a board that was flashed anew', stolenName, 'ask'],
    [
      'of a board that was flashed anew, and the claim is used up',
      { ...stolenName, claim: { ...claim, used: 2 } },
      'refuse claim-used',
    ],
    ['for a name that the fleet knows without a certificate', { deviceKnown: true }, 'ask'],
    [
      'for the name of the controller',
      { request: { ...request, device: 'CONTROLLER' } },
      'refuse device-name-refused',
    ],
    [
      'for a name that is a pattern of topics',
      { request: { ...request, device: '+' } },
      'refuse device-name-refused',
    ],
    [
      'for a name that is too long',
      { request: { ...request, device: 'a'.repeat(65) } },
      'refuse device-name-refused',
    ],
  ];
  it.each(table)('%s', (_what, change, outcome) => {
    expect(outcomeOf(enrol(change))).toBe(outcome);
  });
});

describe('A renewal', () => {
  const good = (serial: number) => ({ ...certificate, fingerprint: `f${serial}` });
  const full = Array.from({ length: maxGoodPerDevice }, (_, at) => good(at));
  const table: readonly [string, Partial<RenewalCase>, Outcome][] = [
    ['by its own certificate', {}, 'issue'],
    ['by no certificate', { certificate: undefined }, 'refuse certificate-unknown'],
    [
      'by one that was revoked',
      { certificate: { ...certificate, revokedMs: 1 } },
      'refuse certificate-revoked',
    ],
    ['right before it is too late', { nowMs: certificate.notAfterMs + 60 * day - 1 }, 'issue'],
    ['too late', { nowMs: certificate.notAfterMs + 60 * day }, 'refuse certificate-too-old'],
    ['for the name of another', { request: { ...request, device: 'd2' } }, 'refuse device-name-taken'],
    ['for another board', { request: { ...request, board: 'SN 2' } }, 'refuse serial-refused'],
    ['without its serial number', { request: { device: 'd1', key: 'k1' } }, 'refuse serial-refused'],
    ['with a new key', { request: { ...request, key: 'k2' }, ofKey: [] }, 'issue'],
    ['with the key of another device', { ofKey: [{ ...certificate, device: 'd2' }] }, 'refuse key-taken'],
    ['with a key that was revoked', { ofKey: [{ ...certificate, revokedMs: 1 }] }, 'refuse key-revoked'],
    ['once more than the limit', { ofDevice: full }, 'refuse renewal-too-often'],
    [
      'again, when one of many has ended',
      { ofDevice: [...full.slice(1), { ...good(9), notAfterMs: nowMs }] },
      'issue',
    ],
  ];
  it.each(table)('%s', (_what, change, outcome) => {
    expect(outcomeOf(renew(change))).toBe(outcome);
  });
});
