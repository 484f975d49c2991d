import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { namedFileFindings } from '../../../../src/runtime/settings/named-files.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const problemsOf = async (source: string) =>
  (await namedFileFindings({ cameras: { front: { source } } })).problems;

describe('The source of a camera in settings', () => {
  it.each(['rtsp://10.0.0.5/x', 'http://10.0.0.5/video', 'gst:videotestsrc', 'csi:0', 'v4l2:/dev/video0'])(
    'may be a live camera that is not there: %s',
    async (source) => {
      expect(await problemsOf(source)).toEqual([]);
    },
  );

  it('that is wrong is named without its password', async () => {
    const problems = await problemsOf('rtsp://ann:secret1@10.0.0.5/x#speed=9');
    expect(problems).toMatchObject([{ path: 'cameras.front.source' }]);
    expect(JSON.stringify(problems)).not.toContain('secret1');
  });

  it('may be a bag, which lies where its scheme says', async () => {
    const file = join(temporaryFolder(), 'run.mcap');
    expect(await problemsOf(`mcap:${file}?topic=/image`)).toMatchObject([{ what: 'is not there' }]);
    writeFileSync(file, '');
    expect(await problemsOf(`mcap:${file}?topic=/image`)).toEqual([]);
  });
});

describe('A file that settings name', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });

  function file(name: string, text: string | Uint8Array, mode = 0o600): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }
  const whatOf = async (settings: object) =>
    (await namedFileFindings(settings)).problems.map(({ path, what }) => `${path}: ${what}`);
  const notesOf = async (settings: object) => (await namedFileFindings(settings)).notes;

  it('is no mistake where it may rightly be absent: the lock of updates, a claim that comes later', async () => {
    const settings = {
      updates: { lockFile: join(folder, 'lock') },
      enrolment: { claimFile: join(folder, 'claim.token') },
    };
    expect(await namedFileFindings(settings)).toEqual({
      problems: [],
      notes: [expect.stringContaining('is not there yet')],
    });
    file('lock', '');
    file('claim.token', '\n');
    expect(await namedFileFindings(settings)).toEqual({ problems: [], notes: [] });
  });

  it('is a claim or, with another server, user:password', async () => {
    const claimFile = file('claim.token', 'garbage');
    expect(await whatOf({ enrolment: { claimFile } })).toEqual([
      expect.stringMatching(/^enrolment\.claimFile: holds no claim: /),
    ]);
    const url = 'https://est.example';
    expect(await whatOf({ enrolment: { url, claimFile } })).toEqual([
      'enrolment.claimFile: must hold name:secret',
    ]);
    expect(await whatOf({ enrolment: { url, claimFile: file('user', 'ann:word\n') } })).toEqual([]);
  });

  const token = `gsk_${'0a'.repeat(6)}_${'1b'.repeat(32)}`;
  it.each([
    ['empty', '', 'names an empty file'],
    ['a line end alone', '\n', 'names an empty file'],
    ['garbage', 'garbage', 'holds no token of a controller (gsk_<12 hex digits>_<64 hex digits>)'],
    ['bytes', '\u0000\u0001', 'must hold exactly one line of text'],
    ['two lines', `${token}\n${token}\n`, 'must hold exactly one line of text'],
    ['with a blank', 'a b', 'holds no token'],
  ])('is no token where it is %s', async (_, text, what) => {
    const tokenFile = file('token', text);
    expect(await whatOf({ artifacts: { tokenFile } })).toEqual([`artifacts.tokenFile: ${what}`]);
  });

  it('is a token of a controller, or of another registry in its own form', async () => {
    expect(await whatOf({ artifacts: { tokenFile: file('token', `${token}\n`) } })).toEqual([]);
    const tokenFile = file('other', 'ghp_abc\n');
    expect(await whatOf({ artifacts: { tokenFile, registry: 'https://r.example' } })).toEqual([]);
  });

  it.each(['broker.passwordFile', 'cameras.front.passwordFile', 'enrolment.pkcs11.pinFile'])(
    'is no empty secret: %s',
    async (place) => {
      const path = file('secret', '\n');
      const settings = place.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), path);
      expect(await whatOf(settings as object)).toEqual([`${place}: names an empty file`]);
    },
  );

  it('that holds a secret and may be read by everybody is a note', async () => {
    const passwordFile = file('secret', 'word', 0o644);
    expect(await namedFileFindings({ broker: { passwordFile } })).toEqual({
      problems: [],
      notes: [
        `broker.passwordFile: ${passwordFile} may be read by every user of this machine; chmod o= ${passwordFile}.`,
      ],
    });
    chmodSync(passwordFile, 0o640);
    expect(await notesOf({ broker: { passwordFile } })).toEqual([]);
  });

  it('is a certificate with its key, read to their end', async () => {
    const make = await fleetIdentities();
    const [own, other] = [await make('d1'), await make('d2')];
    const caFile = file('ca', own.ca);
    const certFile = file('cert', own.cert);
    const right = { broker: { caFile, certFile, keyFile: file('key', own.key) } };
    expect(await namedFileFindings(right)).toEqual({ problems: [], notes: [] });
    const block = (name: string, text: string) => `-----BEGIN ${name}-----\n${text}\n-----END ${name}-----\n`;
    for (const [key, text, what] of [
      ['caFile', '', 'names an empty file'],
      ['caFile', 'garbage', 'is not a PEM file'],
      ['caFile', own.key, 'holds no certificate'],
      ['caFile', own.ca + block('CERTIFICATE', 'AAAA'), 'holds a certificate that is damaged'],
      ['keyFile', own.cert, 'holds no private key'],
      [
        'keyFile',
        block('PRIVATE KEY', 'AAAA'),
        'holds a private key that is damaged, or that has a passphrase',
      ],
      ['keyFile', other.key, 'is not the key of the certificate in certFile'],
    ] as const) {
      const broker = { ...right.broker, [key]: file('next', text) };
      expect(await whatOf({ broker }), what).toEqual([`broker.${key}: ${what}`]);
    }
  });

  it('is a certificate that ended, which is a note: the clock of a board may be wrong', async () => {
    const old = await (await fleetIdentities())('d1', Date.now() - 4 * 86_400_000);
    const certFile = file('cert', old.cert);
    expect(await namedFileFindings({ http: { certFile } })).toEqual({
      problems: [],
      notes: [
        expect.stringMatching(/^http\.certFile: .* has a certificate that ended on \d{4}-\d\d-\d\d\.$/),
      ],
    });
  });

  it('is a bundle in every slot, a folder of messages, a program that may be started, a profile', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const program = file('may-update', '#!/bin/sh\n');
    const settings = {
      models: { extra: empty },
      ros: { models: [empty], bridge: { messages: [join(folder, 'no-share')] } },
      updates: { program: [program, '--fast'] },
      cameras: { front: { source: 'sim', profile: file('profile.json', '{}') } },
    };
    expect((await whatOf(settings)).map((line) => line.split(': ')[0])).toEqual([
      'models.extra',
      'ros.models.0',
      'ros.bridge.messages.0',
      'updates.program.0',
      'cameras.front.profile',
    ]);
    chmodSync(program, 0o755);
    expect(await whatOf({ updates: { program: [program, '--fast'] } })).toEqual([]);
    expect(await whatOf({ updates: { program: ['sh'] } })).toEqual([]);
  });
});
