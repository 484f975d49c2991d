import { beforeEach, describe, expect, it } from 'vitest';
import type { DriftReading } from '../../../src/agent/drift/reading.ts';
import { MetricsCollector } from '../../../src/agent/metrics-collector.ts';
import type { PerceptionResult } from '../../../src/perception/index.ts';
import { metricNames } from '../../../src/protocol/index.ts';
import { InstrumentRegistry } from '../../../src/telemetry/index.ts';
import { FakeDetector, FakePipeline, identityOf } from '../../fakes/fake-pipeline.ts';

let registry: InstrumentRegistry;
let collector: MetricsCollector;
beforeEach(() => {
  registry = new InstrumentRegistry();
  collector = new MetricsCollector(registry);
});

/** What was collected since the last time, by name and labels. */
function collect(): Record<string, unknown> {
  const lines = new Map(registry.catalogue().map((line) => [line.alias, line]));
  return Object.fromEntries(
    registry.collect().map(([alias, value]) => {
      const { name, labels = {} } = lines.get(alias)!;
      const text = Object.entries(labels).map(([key, label]) => `${key}=${label}`);
      return [[name.replace('goshawk_', ''), ...text.sort()].join(' '), value];
    }),
  );
}
const result = (version = '1', change: Partial<PerceptionResult> = {}): PerceptionResult => ({
  ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: 'f', width: 4, height: 2, candidates: 0 },
  detections: [],
  identity: { ...identityOf(`sha256:${version}`), version },
  timings: { preprocessMs: 1, inferMs: 2, postprocessMs: 3 },
  captureToPublishMs: 20,
  ...change,
});
const reading = (change: Partial<DriftReading> = {}): DriftReading => ({
  ...{ camera: 'front', incident: false, changedMs: Number.NEGATIVE_INFINITY, score: 0.25, alarms: [] },
  ...{ signals: [{ name: 'contrast', deviations: -2 }], frames: undefined },
  ...change,
});
const answers = { right: 0, wrong: 0, missed: 0 } as unknown as Parameters<
  MetricsCollector['sampleDrift']
>[1];

describe('What a device measures', () => {
  it('has what is free on its disk, where that is known', () => {
    collector.sampleDisk(undefined);
    expect(collect()).toEqual({});
    collector.sampleDisk({ freeBytes: 5e9, sizeBytes: 64e9 });
    expect(collect()).toEqual({ disk_free_bytes: 5e9, disk_size_bytes: 64e9 });
  });

  it('says how a live camera fares, and nothing of the kind of another one', () => {
    const pipeline = new FakePipeline(new FakeDetector('sha256:1'));
    collector.samplePipeline(pipeline);
    expect(Object.keys(collect()).filter((name) => name.startsWith('camera_'))).toEqual([]);
    const stats = pipeline.stats();
    const health = {
      connectedSinceMs: 5,
      connects: 2,
      frames: 9,
      bytes: 100,
      decodeErrors: 3,
      lastFrameAgeMs: 40,
      memory: { inPlace: 7, copied: 2, mapped: 1, held: 4 },
    };
    pipeline.stats = () => ({ ...stats, cameras: stats.cameras.map((camera) => ({ ...camera, health })) });
    collector.samplePipeline(pipeline);
    expect(collect()).toMatchObject({
      'camera_connected camera=front': 1,
      'camera_connects_total camera=front': 2,
      'camera_bytes_total camera=front': 100,
      'camera_decode_errors_total camera=front': 3,
      'camera_last_frame_age_seconds camera=front': 0.04,
      'camera_pictures_in_place_total camera=front': 7,
      'camera_pictures_copied_total camera=front': 2,
      'camera_pictures_mapped_total camera=front': 1,
      'camera_buffers_held camera=front': 4,
    });
  });

  it('counts frames of two slots of a camera apart', () => {
    for (let i = 0; i < 2; i++) {
      collector.publish(result('1', { slot: 'main', node: 'detect' }));
      collector.publish(result('2', { slot: 'plate', node: 'plate' }));
    }
    const found = collect();
    expect(found['frames_processed_total camera=front model=street version=1']).toBe(2);
    expect(found['frames_processed_total camera=front model=street slot=plate version=2']).toBe(2);
  });

  it('has of other slots what their nodes did, and how far a shadow agrees', () => {
    const pipeline = new FakePipeline(new FakeDetector('sha256:a'));
    const agreement = {
      ...{ against: 'detect', frames: 40, disagreements: 4, serveBoxes: 50, shadowBoxes: 45, matched: 42 },
      ...{ classFlips: 2, precision: 0.9, recall: 0.8, scoreDifference: -0.1, scoreDistance: 0.2 },
    };
    pipeline.nodes = [
      { camera: 'front', node: 'detect', slot: 'main', processed: 9, failed: 0 },
      { camera: 'front', node: 'next', slot: 'next', processed: 5, failed: 2, agreement },
    ];
    collector.samplePipeline(pipeline);
    const found = collect();
    expect(found).toMatchObject({
      'node_frames_processed_total camera=front node=next slot=next': 5,
      'node_frames_dropped_total camera=front node=next reason=failed slot=next': 2,
      'shadow_frames camera=front slot=next': 40,
      'shadow_disagreements camera=front slot=next': 4,
      'shadow_precision camera=front slot=next': 0.9,
      'shadow_recall camera=front slot=next': 0.8,
      'shadow_class_flips camera=front slot=next': 2,
      'shadow_score_difference camera=front slot=next': -0.1,
      'shadow_serve_boxes camera=front slot=next': 50,
      'shadow_boxes camera=front slot=next': 45,
    });
    expect(
      Object.keys(found).filter((name) => name.startsWith('node_') && name.includes('slot=main')),
    ).toEqual([]);
    pipeline.nodes = [];
    collector.samplePipeline(pipeline);
    expect(Object.keys(collect()).filter((name) => name.startsWith('shadow_'))).toEqual([]);
  });

  it('counts every frame under the model that saw it', () => {
    const box = { classId: 0, label: 'car', score: 1, box: { x1: 0, y1: 0, x2: 1, y2: 1 } };
    collector.publish(result('1', { detections: [box, box] }));
    collector.publish(result('1'));
    collector.publish(result('2'));
    const found = collect();
    expect(found['frames_processed_total camera=front model=street version=1']).toBe(2);
    expect(found['detections_total camera=front model=street version=1']).toBe(2);
    expect(found['frames_processed_total camera=front model=street version=2']).toBe(1);
    expect(found['capture_to_publish_seconds camera=front model=street version=1']).toMatchObject({
      sum: 0.04,
    });
  });

  it('ends the gauges of a model with it: no value of the old one is sent any more', () => {
    const pipeline = new FakePipeline(new FakeDetector('sha256:a', '1'));
    collector.samplePipeline(pipeline);
    expect(collect()).toHaveProperty(['frames_per_second camera=front model=street version=1'], 30);
    void pipeline.swap(new FakeDetector('sha256:b', '2'));
    collector.samplePipeline(pipeline);
    const found = collect();
    expect(found).toHaveProperty(['frames_per_second camera=front model=street version=2'], 30);
    expect(found).not.toHaveProperty(['frames_per_second camera=front model=street version=1']);
    const shown = registry.readings().filter(({ name }) => name === metricNames.fps);
    expect(shown.map(({ labels }) => labels.version)).toEqual(['2']);
  });

  it('raises counters to those of the pipeline, and omits reasons without drops', () => {
    const pipeline = new FakePipeline(new FakeDetector('sha256:a'));
    Object.assign(pipeline, { received: 10, processed: 7, failed: 3 });
    collector.samplePipeline(pipeline);
    collector.samplePipeline(pipeline);
    const found = collect();
    expect(found['frames_received_total camera=front']).toBe(10);
    expect(found['frames_dropped_total camera=front reason=failed']).toBe(3);
    expect(Object.keys(found).filter((name) => name.startsWith('frames_dropped_total'))).toHaveLength(1);
    expect(found['frames_in_queue camera=front']).toBe(0);
  });

  it('has the sensors of the board, the process and the outbox as they are', () => {
    collector.sampleBoard({
      temperatures: [{ zone: 'gpu', celsius: 51.5 }],
      power: [{ rail: 'VDD_IN', watts: 7.25 }],
    });
    collector.sampleProcess({ memory: 5, cpu: 0.5, eventLoopDelay: 0.001 }, identityOf('sha256:a'));
    collector.sampleOutbox({
      entries: 3,
      bytes: 99,
      volatileEntries: 0,
      thinnedBatches: 0,
      refusedEntries: 0,
    });
    collector.refusedPayload('desired');
    expect(collect()).toMatchObject({
      'temperature_celsius zone=gpu': 51.5,
      'power_watts rail=VDD_IN': 7.25,
      'memory_bytes model=street version=1': 5,
      outbox_entries: 3,
      outbox_bytes: 99,
      'payloads_refused_total kind=desired': 1,
    });
  });
});

describe('What is measured of drift', () => {
  const at = (nowMs: number, change: Partial<DriftReading> = {}) => {
    collector.sampleDrift([reading(change)], answers, nowMs);
    return Object.keys(collect()).map((name) => name.replace(' camera=front', ''));
  };
  const score = metricNames.driftScore.replace('goshawk_', '');
  const signal = `${metricNames.driftSignal.replace('goshawk_', '')} signal=contrast`;
  const incident = metricNames.driftIncident.replace('goshawk_', '');

  it('is sent rarely while nothing changes, to save bytes', () => {
    expect(at(0)).toEqual([score, incident, signal]);
    expect(at(59_999)).toEqual([]);
    expect(at(60_000)).toEqual([score]);
    expect(at(120_000)).toEqual([score]);
    expect(at(299_999)).toEqual([score]);
    expect(at(300_000)).toEqual([incident, signal]);
  });

  it('is sent with every batch while an incident lasts, and for two minutes after its end', () => {
    at(0);
    expect(at(1_000, { incident: true })).toEqual([score, incident, signal]);
    expect(at(2_000, { incident: true })).toEqual([score, incident, signal]);
    expect(at(3_000, { changedMs: 3_000 })).toEqual([score, incident, signal]);
    expect(at(122_999, { changedMs: 3_000 })).toEqual([score, incident, signal]);
    expect(at(123_000, { changedMs: 3_000 })).toEqual([]);
  });

  it('has no score where there is no reference, and counts alarms by what they were', () => {
    const alarms = [
      { verdict: 'sensor-fault', grade: 'alarm', count: 2 },
    ] as unknown as DriftReading['alarms'];
    collector.sampleDrift([reading({ score: undefined, alarms })], answers, 0);
    const found = collect();
    expect(found).not.toHaveProperty([`${score} camera=front`]);
    const name = metricNames.driftAlarms.replace('goshawk_', '');
    expect(found[`${name} camera=front grade=alarm verdict=sensor-fault`]).toBe(2);
  });

  it('keeps the cameras apart', () => {
    collector.sampleDrift([reading(), reading({ camera: 'rear' })], answers, 0);
    collect();
    collector.sampleDrift([reading({ incident: true }), reading({ camera: 'rear' })], answers, 1000);
    expect(Object.keys(collect()).every((name) => name.includes('camera=front'))).toBe(true);
  });
});

it('Targets are sent on a change, otherwise once a minute, and promises once in five minutes', () => {
  let kept = true;
  let keptSeconds = 0;
  const targets = {
    ladder: { level: 0, steps: 2, taken: [] },
    readings: () => [
      { camera: 'front', targetFps: 15, maxLatencyMs: 120, kept, keptSeconds, missedSeconds: missed },
    ],
    onChange: () => {},
  };
  const missed: { reason: string; seconds: number }[] = [];
  const at = (seconds: number) => {
    keptSeconds = seconds;
    collector.sampleTargets(targets, seconds * 1000);
    return collect();
  };
  expect(at(10)).toEqual({
    ladder_level: 0,
    'target_kept camera=front': 1,
    'target_kept_seconds_total camera=front': 10,
    'target_frames_per_second camera=front': 15,
    'target_latency_seconds camera=front': 0.12,
  });
  expect(at(20)).toEqual({});
  expect(Object.keys(at(80))).not.toContain('target_frames_per_second camera=front');
  kept = false;
  missed.push({ reason: 'heat', seconds: 10 });
  expect(at(90)).toMatchObject({
    'target_kept camera=front': 0,
    'target_missed_seconds_total camera=front reason=heat': 10,
  });
});

it('A Jetson and what a day costs are metrics with their labels', () => {
  collector.sampleBoard({
    ...{ temperatures: [], power: [], slowedBy: ['gpu-throttle-alert'] },
    tegra: { gpuLoad: 0.5, clocksPinned: true, overcurrent: [{ kind: 'average', count: 3 }] },
  });
  const readings = {
    ...{ bytesPerDay: 1e6, sentDayBytes: 2000, stored: { models: 5 } },
    sent: [{ kind: 'event', sentBytes: 2000, refused: 1 }],
    energy: { joules: 36, dayJoules: 36, perFrame: 0.5 },
    costs: [{ of: 'energy', currency: 'EUR', perDay: 0.25 }],
  };
  const budget = { readings: () => readings } as unknown as Parameters<typeof collector.sampleBudget>[0];
  collector.sampleBudget(budget, 0);
  expect(collect()).toEqual({
    board_slowed: 1,
    gpu_load: 0.5,
    clocks_pinned: 1,
    'overcurrent_total kind=average': 3,
    'fleet_sent_bytes_total of=event': 2000,
    'fleet_send_refused_total of=event': 1,
    fleet_sent_day_bytes: 2000,
    fleet_budget_bytes: 1e6,
    'storage_bytes of=models': 5,
    'cost_per_day currency=EUR of=energy': 0.25,
    energy_joules_total: 36,
    energy_day_joules: 36,
    energy_per_frame_joules: 0.5,
  });
  collector.sampleBudget(budget, 200_000);
  expect(collect()).toEqual({});
});
