import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/node-secrets.ts';
import type { BlobStore } from '../../src/controller/index.ts';
import { drawChallenges } from '../../src/controller/rollouts/challenges/draw.ts';
import { grade } from '../../src/controller/rollouts/challenges/grade.ts';
import type { ChallengeAnswer } from '../../src/controller/rollouts/challenges/index.ts';
import { bundleFiles, parseGoldenSet, parseManifest } from '../../src/model/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import { type CallRequestOf, decodeCall, topics } from '../../src/protocol/index.ts';
import { RegistryReferences } from '../../src/runtime/controller/reference-answers.ts';
import { toyAnswer } from '../fakes/fake-references.ts';
import { digest as oldDigest } from '../fakes/test-fleet.ts';
import { CountingCameras } from '../unit/controller/rollouts/counting-cameras.ts';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

// A device reports the new version, its metrics are as good as ever, and it never switched.

type Change = CallRequestOf<'challenge'>['pictures'][number];

/** A fleet with a gate on challenges; `found` says how far the boxes of a device are off on a changed picture. */
async function begin(offOf: (device: string) => number | undefined) {
  const ids = ['d1', 'd2', 'd3'];
  const fleet = await RolloutFleet.open(ids);
  const cameras = new CountingCameras(fleet, ids);
  await cameras.begin(2);
  const { references, device: transport } = fleet.fleet;
  const asked = new Set<string>();
  const now = await fleet.push('2.0.0', ['golden/golden.json', 'golden/000.jpg', 'golden/001.jpg']);
  references.models.set(now, 0).set(oldDigest, 60);
  transport.onMessage(({ topic, payload, responseTopic, correlationData }) => {
    const [, , device = '', , method] = topic.split('/');
    const off = offOf(device);
    if (method !== 'challenge') return;
    asked.add(device);
    if (responseTopic === undefined || off === undefined) return;
    const { pictures } = decodeCall('challenge', payload, topic);
    const answers = pictures.map((one: Change) => toyAnswer(one, off));
    void transport.publish({
      ...{ topic: topics.response(device), qos: 1, retain: false },
      ...(correlationData === undefined ? {} : { correlationData }),
      payload: new TextEncoder().encode(JSON.stringify({ ok: true, result: { answers } })),
    });
  });
  await fleet.create({
    waves: [{ devices: ['d1', 'd2'], soakMinutes: 30 }, { percent: 100 }],
    lateJoiners: 'leave',
    gate: { metrics: [{ metric: 'frame-rate', harm: 0.5 }, { metric: 'challenges' }] },
  });
  await fleet.turn(3);
  return { fleet, cameras, asked };
}

/** The same to its end. */
async function rollOut(offOf: (device: string) => number | undefined) {
  const { fleet, cameras } = await begin(offOf);
  for (
    let at = 0;
    at < 14 && fleet.show().wave === 0 && ['running', 'soaking'].includes(fleet.show().state);
    at++
  )
    await cameras.block();
  await fleet.turn(5);
  const shown = fleet.show();
  await fleet.fleet.stop();
  const result = shown.waves[0]?.gate?.metrics.find(({ metric }) => metric === 'challenges');
  return { shown, result, events: fleet.fleet.store.eventRows };
}

describe('A device that reports a version and does not run it', () => {
  it('passes where all answer as the new version does', async () => {
    const { shown, result } = await rollOut(() => 0);
    expect(result).toMatchObject({ outcome: 'pass', seenBy: 'controller' });
    expect(shown.waves[0]?.gate?.says).toContain('devices measured all but answers of another model');
    expect(shown.wave).toBe(1);
  });

  const liars: readonly [what: string, off: number | undefined][] = [
    ['answers as the version before', 60],
    ['answers as no model', 5_000],
    ['does not answer', undefined],
  ];
  it.each(liars)('stops the rollout where it %s, and is named', async (_, off) => {
    const { shown, result, events } = await rollOut((device) => (device === 'd2' ? off : 0));
    expect(result).toMatchObject({ outcome: 'fail', seenBy: 'controller' });
    expect(shown).toMatchObject({ state: 'rolled-back', wave: 0 });
    const failed = events.filter(({ kind }) => kind === 'model.challenge-failed');
    expect(new Set(failed.map(({ device }) => device))).toEqual(new Set(['d2']));
  });
});

describe('A device that stays silent', () => {
  it('holds its own rollout alone, and not the end of the controller', async () => {
    const { fleet, asked } = await begin(() => undefined);
    for (let at = 0; at < 40 && asked.size === 0; at++) await fleet.minutes(1);
    expect(asked).toEqual(new Set(['d1', 'd2']));
    const isJudged = () =>
      fleet.show().waves[0]?.gate?.metrics.some(({ metric }) => metric === 'challenges') === true;
    expect(isJudged()).toBe(false);
    await fleet.push('3.0.0');
    await fleet.create(
      { model: { name: 'street', version: '3.0.0' }, slot: 'extra', target: { devices: ['d3'] } },
      { name: 'other' },
    );
    await fleet.turn();
    expect(fleet.stateOf('d3', 'other')).toBe('ordered');
    expect(isJudged()).toBe(false);
    await fleet.fleet.stop();
    expect(fleet.fleet.store.eventRows.map(({ kind }) => kind)).not.toContain('model.challenge-failed');
  });
});

describe('Networks of the street, drawn pictures', () => {
  const root = join(import.meta.dirname, '../../models');
  const files = new Map<string, string>();
  const digests: Record<string, string> = {};
  const blobs: Pick<BlobStore, 'read'> = {
    async read(digest) {
      const bytes = await readFile(files.get(digest)!);
      return (async function* () {
        yield bytes;
      })();
    },
  };
  const references = new RegistryReferences(blobs);
  let challenges: Change[] = [];
  const found: Record<string, readonly ChallengeAnswer[]> = {};
  const names = ['street', 'street-int8', 'street-lean'];

  beforeAll(async () => {
    for (const name of names) {
      const path = join(root, name, 'manifest.json');
      const bytes = await readFile(path);
      digests[name] = digestOf(bytes);
      files.set(digests[name], path);
      for (const file of bundleFiles(parseManifest(bytes.toString(), path)))
        files.set(file.digest, join(root, name, file.path));
    }
    const golden = parseGoldenSet(await readFile(join(root, 'street/golden/golden.json'), 'utf8'));
    const frames = golden.frames.map(({ file }) => file);
    challenges = drawChallenges(frames, nodeSecrets.randomBytes);
    const pictures = digests.street!;
    const { signal } = new AbortController();
    for (const name of names)
      found[name] = await references.answer({ model: digests[name]!, pictures, challenges, signal });
    // All that a device can work out that has the bundle and does not run its network: the known boxes, moved.
    found.forged = challenges.map(({ frame, mirrored, right, down }) =>
      golden.frames
        .find(({ file }) => file === frame)!
        .detections.map(({ label, score, box: [x1, y1, x2, y2] }) => {
          const [width, height] = [x2 - x1, y2 - y1];
          const x = ((mirrored ? 640 - x2 : x1) + right) % 640;
          const y = (y1 + down) % 360;
          return { label, score, box: [x, y, x + width, y + height] };
        }),
    );
  }, 300_000);
  afterAll(() => files.clear());

  const grades = (answered: string, before?: string) =>
    challenges.map((_, at) =>
      grade(found[answered]![at], found.street![at]!, before === undefined ? undefined : found[before]![at]),
    );
  const share = (answered: string, wanted: string, before?: string) =>
    grades(answered, before).filter((one) => one === wanted).length / challenges.length;

  it('are recognized on another variant of the engine', () => {
    expect(share('street-int8', 'right', 'street-lean')).toBeGreaterThan(0.85);
  });

  it('are not taken for another network, nor what was known of the pictures for either', () => {
    expect(share('street-lean', 'wrong', 'street-lean')).toBe(1);
    expect(share('street-lean', 'wrong')).toBeGreaterThan(0.85);
    expect(share('forged', 'wrong')).toBeGreaterThan(0.85);
  });

  it('of the same network, quantized, cannot be distinguished, and no claim is made', () => {
    expect(share('street', 'wrong', 'street-int8')).toBe(0);
    expect(share('street', 'open', 'street-int8')).toBeGreaterThan(0.85);
  });
});
