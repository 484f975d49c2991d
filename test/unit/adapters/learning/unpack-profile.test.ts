import { beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/adapters/filesystem/index.ts';
import { unpackProfile } from '../../../../src/adapters/learning/index.ts';
import { formatProfile, parseProfile } from '../../../../src/drift/index.ts';
import { learnToy } from '../../drift/toy-camera.ts';

let text: string;
beforeAll(() => {
  text = formatProfile(learnToy(700));
});
const bytesOf = (what: string) => new Uint8Array(Buffer.from(what));

describe('A profile that is unpacked in a thread', () => {
  it('is what it is when it is read here, with the digest of its file', async () => {
    const { profile, digest } = await unpackProfile(bytesOf(text), 'front.json');
    expect(profile).toEqual(parseProfile(text, 'front.json'));
    expect(digest).toBe(digestOf(text));
  });

  it('comes whole with 24 times of day, of which each is a piece', async () => {
    const one = parseProfile(text, 'front.json');
    const buckets = Array.from({ length: 24 }, (_, hour) => ({
      ...one.buckets[0]!,
      fromHour: hour,
      toHour: hour + 1,
    }));
    const day = formatProfile({ ...one, buckets });
    expect((await unpackProfile(bytesOf(day), 'day.json')).profile).toEqual(parseProfile(day, 'day.json'));
  });

  it('is taken from the middle of a larger buffer too', async () => {
    const around = bytesOf(`  ${text}  `);
    const inside = around.subarray(2, 2 + Buffer.byteLength(text));
    expect((await unpackProfile(inside, 'front.json')).digest).toBe(digestOf(text));
  });

  it.each([
    ['no JSON', 'profile', 'profile-not-json'],
    ['another version', '{"schema":2}', 'profile-field'],
  ])('is refused with its name where it is %s', async (_, bad, code) => {
    await expect(unpackProfile(bytesOf(bad), 'front.json')).rejects.toMatchObject({
      code,
      message: expect.stringContaining('front.json'),
      remedy: expect.stringMatching(/./),
    });
  });
});
