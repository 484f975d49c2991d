import { describe, expect, it } from 'vitest';
import {
  type AgentEvent,
  type CertificateAnswer,
  DeviceEnrolment,
  type EnrolmentServer,
  type Identity,
} from '../../../../src/agent/index.ts';
import { InputError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import type { Claim, Membership } from '../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const day = 86_400_000;
const claim: Claim = {
  host: 'fleet.test:8443',
  id: 'a'.repeat(12),
  secret: 's'.repeat(43),
  root: 'r'.repeat(43),
};
const membership: Membership = { device: 'd1', groups: ['trucks'], broker: { url: 'mqtts://broker.test' } };
const away = () => new MissingError('enrolment-away', 'It is away.', 'Wait.');
const refused = (code: string) => new RefusedError(code, 'No.', 'Ask somebody.');

/** A device whose server answers what the test says, one answer after the other. */
class TestedEnrolment {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly events: AgentEvent[] = [];
  readonly asked: string[] = [];
  readonly used: Identity[] = [];
  stored: Identity | undefined;
  /** What reading the disk ends with, before it goes well. */
  loadFaults: Error[] = [];
  claim: Claim | undefined = claim;
  certificateDays = 90;
  answers: (Error | 'issued' | 'pending' | Membership | undefined)[] = [];
  serverTimeMs: number | undefined;
  #enrolment: DeviceEnrolment | undefined;

  identity(days = 90): Identity {
    const nowMs = this.clock.wallMs();
    return {
      ...{ server: 'https://fleet.test:8443', certificate: `${this.asked.length}`, authority: 'root' },
      ...{ notBeforeMs: nowMs, notAfterMs: nowMs + days * day },
    };
  }

  async start(needsMembership = true): Promise<void> {
    const server: EnrolmentServer = {
      enrol: async () => this.#certificate('enrol'),
      renew: async () => this.#certificate('renew'),
      membership: async () => {
        const answer = this.#answer('membership');
        return answer === 'issued' || answer === 'pending' ? undefined : answer;
      },
    };
    this.#enrolment = new DeviceEnrolment(
      {
        ...{ server, clock: this.clock, log: this.log, random: () => 0 },
        key: { request: async () => new Uint8Array(1) },
        store: {
          load: async () => {
            const fault = this.loadFaults.shift();
            if (fault !== undefined) throw fault;
            return this.stored;
          },
          save: async (identity) => {
            this.stored = identity;
          },
        },
        claim: async () => this.claim,
        facts: async () => ({ board: 'b', arch: 'x64', agentVersion: '1' }),
        reportEvent: (event) => void this.events.push(event),
      },
      { device: 'd1', needsMembership, onIdentity: (identity) => void this.used.push(identity) },
    );
    await this.#enrolment.start();
    await settle();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms);
    await settle();
  }

  async close(): Promise<void> {
    await this.#enrolment?.close();
  }

  #certificate(what: string): CertificateAnswer {
    const answer = this.#answer(what);
    if (answer === 'pending') return { kind: 'pending', retryAfterMs: 30_000 };
    return { kind: 'issued', identity: this.identity(this.certificateDays), serverTimeMs: this.serverTimeMs };
  }

  #answer(what: string) {
    this.asked.push(what);
    const answer = this.answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

async function tested(
  change: (one: TestedEnrolment) => void,
  needsMembership = true,
): Promise<TestedEnrolment> {
  const one = new TestedEnrolment();
  change(one);
  await one.start(needsMembership);
  return one;
}

describe('A device at its first boot', () => {
  it('is let in, asks for its broker, and keeps both', async () => {
    const one = await tested((it) => (it.answers = ['issued', membership]));
    expect(one.asked).toEqual(['enrol', 'membership']);
    expect(one.used).toMatchObject([{ membership }]);
    expect(one.stored).toMatchObject({ membership });
    expect(one.events.map(({ kind }) => kind)).toEqual(['device.enrolled']);
    await one.close();
  });

  it('without a network asks again with growing waits, and says each reason once', async () => {
    const one = await tested((it) => (it.answers = [away(), away(), away(), 'issued', membership]));
    expect(one.used).toEqual([]);
    for (const ms of [1000, 2000, 4000]) await one.pass(ms);
    expect(one.used).toHaveLength(1);
    expect(one.log.at('warn')).toHaveLength(1);
    await one.close();
  });

  it('never waits longer than five minutes for a network', async () => {
    const one = await tested((it) => (it.answers = Array.from({ length: 40 }, away)));
    await one.pass(2 * 3_600_000);
    expect(one.asked.length).toBeGreaterThan(24);
    await one.close();
  });

  it('without a claim perceives, and enrols when it gets one', async () => {
    const one = await tested((it) => {
      it.claim = undefined;
      it.answers = ['issued', membership];
    });
    await one.pass(60_000);
    expect(one.asked).toEqual([]);
    one.claim = claim;
    await one.pass(300_000);
    expect(one.used).toHaveLength(1);
    await one.close();
  });

  it('waits for a person as long as the controller says, and says so once', async () => {
    const one = await tested((it) => (it.answers = ['pending', 'pending', 'issued', membership]));
    await one.pass(29_000);
    expect(one.asked).toHaveLength(1);
    await one.pass(31_000);
    expect(one.used).toHaveLength(1);
    expect(one.log.at('info').filter(([message]) => message === 'Waits to be approved')).toHaveLength(1);
    await one.close();
  });

  it('that is refused asks seldom: somebody has to do something first', async () => {
    const one = await tested((it) => (it.answers = Array.from({ length: 100 }, () => refused('claim-used'))));
    await one.pass(10 * 3_600_000);
    expect(one.asked.length).toBeGreaterThan(5);
    expect(one.asked.length).toBeLessThan(30);
    await one.close();
  });

  it('whose power was cut between certificate and broker continues there', async () => {
    const one = await tested((it) => {
      it.stored = it.identity();
      it.answers = [membership];
    });
    expect(one.asked).toEqual(['membership']);
    expect(one.used).toMatchObject([{ membership }]);
    await one.close();
  });

  it('whose settings name the broker asks for none', async () => {
    const one = await tested((it) => (it.answers = ['issued']), false);
    expect(one.asked).toEqual(['enrol']);
    expect(one.used).toHaveLength(1);
    await one.close();
  });

  it('that believes in 1970 tells how far its clock is behind', async () => {
    const one = await tested((it) => {
      it.serverTimeMs = it.clock.wallMs() + 20_000 * day;
      it.answers = ['issued', membership];
    });
    expect(one.events.find(({ kind }) => kind === 'clock.wrong')?.message).toContain('20000 days behind');
    await one.close();
  });
});

describe('A member', () => {
  it('uses what lies on the disk before anybody was asked', async () => {
    const one = await tested((it) => (it.stored = { ...it.identity(), membership }));
    expect(one.used).toHaveLength(1);
    expect(one.asked).toEqual([]);
    await one.close();
  });

  it('waits for a key whose token is not there yet, and asks for no other certificate meanwhile', async () => {
    const gone = () => new MissingError('key-unreadable', 'The token is away.', 'Wait.');
    const one = await tested((it) => {
      it.stored = { ...it.identity(), membership };
      it.loadFaults = [gone(), gone(), gone()];
    });
    expect(one.used).toEqual([]);
    await one.pass(10_000);
    expect(one.used).toMatchObject([{ membership }]);
    expect(one.asked).toEqual([]);
    expect(one.log.at('warn')).toHaveLength(1);
    await one.close();
  });

  it('that is damaged is replaced by asking with the claim', async () => {
    const one = await tested((it) => {
      it.stored = { ...it.identity(), membership };
      it.loadFaults = [new InputError('identity-damaged', 'It is damaged.', 'Ask.')];
      it.answers = ['issued', membership];
    });
    expect(one.asked).toEqual(['enrol', 'membership']);
    await one.close();
  });

  it('renews in the last third, and asks again for its broker', async () => {
    const one = await tested((it) => {
      it.stored = { ...it.identity(), membership };
      it.answers = ['issued', { ...membership, broker: { url: 'mqtts://moved.test' } }];
    });
    await one.pass(59 * day);
    expect(one.asked).toEqual([]);
    await one.pass(2 * day);
    expect(one.asked).toEqual(['renew', 'membership']);
    expect(one.used.at(-1)?.membership?.broker.url).toBe('mqtts://moved.test');
    await one.close();
  });

  it('that was away for months renews late, and where that is refused asks with its claim', async () => {
    const one = await tested((it) => {
      it.stored = { ...it.identity(30), membership };
      it.clock.jumpWall(200 * day);
      it.answers = [refused('certificate-too-old'), 'issued', membership];
    });
    expect(one.asked).toEqual(['renew', 'enrol', 'membership']);
    await one.close();
  });

  it('is not asked for again and again by a server that renews nothing', async () => {
    const one = await tested((it) => {
      it.stored = { ...it.identity(90), membership };
      it.answers = Array.from({ length: 100 }, () => 'issued' as const);
      it.certificateDays = -10;
    });
    await one.pass(60 * day + 3_600_000);
    expect(one.asked.length).toBeGreaterThan(0);
    expect(one.asked.length).toBeLessThan(40);
    expect(one.log.at('warn')).toHaveLength(1);
    await one.close();
  });

  it('that cannot renew continues with its certificate, and reports it once', async () => {
    const one = await tested((it) => {
      it.claim = undefined;
      it.stored = { ...it.identity(), membership };
      it.answers = Array.from({ length: 500 }, () => refused('certificate-revoked'));
    });
    await one.pass(62 * day);
    expect(one.used).toHaveLength(1);
    expect(one.events.map(({ kind }) => kind)).toEqual(['certificate.not-renewed']);
    await one.close();
  });
});
