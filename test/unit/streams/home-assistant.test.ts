import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultMessage } from '../../../src/streams/index.ts';
import { HomeAssistant } from '../../../src/streams/mqtt/home-assistant.ts';
import { StreamTopics } from '../../../src/streams/mqtt/stream-topics.ts';
import { found, perception } from './results.ts';

const topics = new StreamTopics('goshawk/yard/{camera}');

function made(classes: readonly string[] = []) {
  return new HomeAssistant({
    ...{ device: 'yard.1', version: '0.1.0', topics, prefix: 'homeassistant', classes, clearSeconds: 5 },
  });
}

const see = (of: HomeAssistant, nowMs: number, ...labels: readonly string[]) =>
  of.result(
    resultMessage(
      perception(
        0,
        labels.map((label) => found(label, 0.9)),
      ),
    ),
    nowMs,
  );
const statesOf = (messages: ReturnType<typeof see>) =>
  messages
    .filter(({ topic }) => topic === 'goshawk/yard/front/state')
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
const configsOf = (messages: ReturnType<typeof see>) =>
  messages
    .filter(({ topic }) => topic.endsWith('/config'))
    .map(({ topic, payload }) => ({ topic, config: JSON.parse(payload) as Record<string, unknown> }));

describe('Home Assistant', () => {
  it('is told of a camera and its classes in the form of its MQTT discovery', () => {
    const configs = configsOf(see(made(), 0, 'person'));
    // <prefix>/<component>/<node>/<object>/config, of letters, digits, _ and - alone.
    for (const { topic } of configs)
      expect(topic).toMatch(
        /^homeassistant\/(binary_sensor|sensor)\/[a-zA-Z0-9_-]+\/[a-zA-Z0-9_-]+\/config$/,
      );
    const [occupied, person] = configs.map(({ config }) => config);
    expect(occupied).toMatchObject({
      device_class: 'occupancy',
      state_topic: 'goshawk/yard/front/state',
      availability: [{ topic: 'goshawk/yard/connection' }, { topic: 'goshawk/yard/front/availability' }],
      availability_mode: 'all',
      device: { identifiers: ['goshawk_yard_2e1_front'], name: 'yard.1 front' },
      origin: { name: 'Goshawk' },
    });
    expect(person).toMatchObject({ name: 'person', state_class: 'measurement' });
    expect(new Set(configs.map(({ config }) => config.unique_id)).size).toBe(configs.length);
    for (const { config } of configs) expect(config.value_template).toMatch(/^\{\{ .* \}\}$/);
  });

  it('is told of the classes of the stream at once, of others when they are first seen', () => {
    const named = made(['person', 'car']);
    expect(configsOf(see(named, 0)).map(({ config }) => config.name)).toEqual(['Occupied', 'person', 'car']);
    expect(configsOf(see(named, 1, 'dog', 'dog')).map(({ config }) => config.name)).toEqual(['dog']);
  });

  it('gets no more than 64 sensors of a camera, whatever a model calls its classes', () => {
    const of = made();
    const labels = Array.from({ length: 200 }, (_, i) => `class ${i}`);
    const configs = [...configsOf(see(of, 0, ...labels)), ...configsOf(see(of, 1, 'one more'))];
    expect(configs).toHaveLength(65);
  });

  it('is told a state when it changes, once a second at most, and at once when somebody comes', () => {
    const of = made(['person']);
    expect(statesOf(see(of, 0))).toEqual([{ occupied: false, total: 0, counts: { person: 0 } }]);
    expect(statesOf(see(of, 10, 'person'))).toEqual([{ occupied: true, total: 1, counts: { person: 1 } }]);
    expect(statesOf(see(of, 20, 'person', 'person'))).toEqual([]);
    expect(statesOf(see(of, 1_020, 'person', 'person'))).toMatchObject([{ total: 2 }]);
    expect(statesOf(see(of, 3_000, 'person', 'person'))).toEqual([]);
  });

  it('counts a camera as empty when nothing was seen for a while', () => {
    const of = made();
    see(of, 0, 'person');
    expect(statesOf(see(of, 2_000))).toMatchObject([{ occupied: true, total: 0 }]);
    expect(statesOf(see(of, 4_999))).toEqual([]);
    expect(statesOf(see(of, 5_000))).toMatchObject([{ occupied: false }]);
  });

  it('keeps a label a text in its templates, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (label) => {
        const config = configsOf(see(made(), 0, label)).at(-1)?.config;
        const quoted = /^\{\{ value_json\.counts\[('[a-zA-Z0-9 _\\-]*')\] \| default\(0\) \}\}$/.exec(
          String(config?.value_template),
        )?.[1];
        // Jinja reads escapes as JSON does.
        expect(JSON.parse(`"${quoted?.slice(1, -1)}"`)).toBe(label);
      }),
    );
  });
});

describe('Topics of a stream', () => {
  it.each([
    ['goshawk/yard/{camera}', 'goshawk/yard/front', 'goshawk/yard/connection'],
    ['{camera}', 'front', 'goshawk/connection'],
    ['site/cam-{camera}/found', 'site/cam-front/found', 'site/connection'],
    ['all', 'all', 'all/connection'],
  ])('%s', (pattern, results, connection) => {
    const made = new StreamTopics(pattern);
    expect([made.results('front'), made.connection]).toEqual([results, connection]);
  });

  it.each(['', 'a/#', '+/a', '/a', 'a/', '$SYS/a', 'a\0', 'a'.repeat(201)])('refuse %j', (pattern) => {
    expect(() => new StreamTopics(pattern)).toThrow(expect.objectContaining({ code: 'stream-topic' }));
  });
});
