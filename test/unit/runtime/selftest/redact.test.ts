import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactRemedy } from '../../../../src/runtime/selftest/redact.ts';
import { errorSites, textsOfCode } from '../../../docs/error-codes.ts';
import { projectRoot } from '../../../integration/goshawk.ts';

const who = { hostname: 'board-7', user: 'erika', home: '/home/erika' };
const clean = (text: string) => redact(text, who);

describe('The report of a selftest', () => {
  it.each([
    ['a home folder', 'no such file /home/erika/model.onnx', 'no such file ~/model.onnx'],
    ['a host name', 'connect to board-7 failed', 'connect to <host> failed'],
    ['a user', 'erika may not open it', '<user> may not open it'],
    [
      'an address with a password',
      'rtsp://admin:hunter2@10.0.0.7/stream is lost',
      'rtsp://<removed> is lost',
    ],
    ['a password', 'password=hunter2 was refused', 'password=<removed> was refused'],
    ['a token in a header', 'Authorization: Bearer abc.def', 'Authorization: <removed>'],
    ['a JSON web token', 'got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln', 'got <removed>'],
    ['an IPv4 address', 'no route to 192.168.1.20', 'no route to <removed>'],
    ['an IPv6 address', 'no route to fe80:0:0:0:1:2:3:4', 'no route to <removed>'],
    ['a short IPv6 address', 'no route to fd00::1:2:3', 'no route to <removed>'],
    ['a MAC', 'eth0 48:b0:2d:aa:bb:cc is down', 'eth0 <removed> is down'],
    ['a UUID', 'root=PARTUUID=2534d15b-e6fb-4265-b913-e042ab311f4f', 'root=PARTUUID=<removed>'],
    ['a mail', 'write to erika.m@example.org', 'write to <removed>'],
    ['a digest', `sha256 ${'0a'.repeat(32)} differs`, 'sha256 <removed> differs'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----', '<removed>'],
    ['half a key', '-----BEGIN EC PRIVATE KEY-----\nMIIBVQIBADANBg', '<removed>'],
  ])('is without %s', (_, text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  it.each([
    'version 10.3.0.26, driver 12060, computeCapability 8.7',
    'TensorRT 8.5.2.2 is installed, but the plugin was compiled against 10.16.1.11',
    'int8, 3.5 ms (p95 4.1), 285.7 frames/s, 25.51 x the processor, agrees on 99.0 %',
    'VDD_GPU_SOC 4.2 W, VIN_SYS_5V0 5.1 W',
    'libvips 8.18.7, 1280x720 in 3.7 ms',
    'sudo apt-get install libnvinfer-dev libnvonnxparsers-dev',
    '/usr/lib/goshawk-agent/native/build/out/goshawk_tensorrt.so does not load',
  ])('keeps what says how a board is: %s', (text) => {
    expect(clean(text)).toBe(text);
  });

  it.each([
    'token of the controller',
    'https://docs.ros.org (Humble, Jazzy or newer).',
    'Write rtsp://host/path or http://host/path, and rtsp://, http:// stand alone.',
    'let it listen on 127.0.0.1, or 0.0.0.0',
    'street@1.2.0 is the model',
    'Send "Authorization: Bearer <token>"',
  ])('keeps what names nobody: %s', (text) => {
    expect(clean(text)).toBe(text);
  });

  it('keeps the product’s own words where the user has its name', () => {
    const service = { hostname: 'goshawk', user: 'goshawk', home: '/var/lib/goshawk-agent' };
    const text = 'Run sudo goshawk native build; state is in /var/lib/goshawk-agent.';
    expect(redact(text, service)).toBe(text);
  });

  it('leaves a name that is everybody’s', () => {
    expect(redact('root may not open /root/x', { hostname: 'a', user: 'root', home: '/root' })).toBe(
      'root may not open /root/x',
    );
  });

  it('never keeps a secret, wherever it stands', () => {
    const word = fc.stringMatching(/^[a-z ,.:]{0,20}$/);
    const secret = fc.stringMatching(/^[A-Za-z0-9_-]{40,80}$/);
    fc.assert(
      fc.property(word, secret, word, (before, key, after) => {
        expect(clean(`${before} ${key} ${after}`)).not.toContain(key);
        expect(clean(`${before} rtsp://u:${key}@h/x ${after}`)).not.toContain(key);
      }),
    );
  });
});

describe('A remedy in the report of a selftest', () => {
  const remedies = new Set([
    ...errorSites(projectRoot).map(({ remedy }) => remedy),
    ...['selftest', 'doctor'].flatMap((room) => textsOfCode(join(projectRoot, 'src/runtime', room))),
  ]);
  const words = [...new Set([...remedies].flatMap((text) => text.match(/\w{3,}/g) ?? []))];

  it('is whole, whatever the machine and its user are called', () => {
    expect(remedies.size).toBeGreaterThan(500);
    const name = fc.constantFrom(...words);
    fc.assert(
      fc.property(name, name, (hostname, user) => {
        const identity = { hostname, user, home: `/home/${user}` };
        const cut = [...remedies].filter((text) => redactRemedy(text, identity) !== text);
        expect(cut).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('has no secret, address or home that was filled in', () => {
    expect(
      redactRemedy('Create /home/erika/token, see /media/erika/x; rtsp://admin:hunter2@10.0.0.7/x', who),
    ).toBe('Create ~/token, see /media/<user>/x; rtsp://<removed>');
    expect(redactRemedy('Ask 10.0.0.7 with password=hunter2', who)).toBe(
      'Ask <removed> with password=<removed>',
    );
  });
});
