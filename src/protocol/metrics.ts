import type { MetricKind } from './payloads.ts';

/** As metrics name the model of a device that has none. */
export const noModelName = 'none';

/** One metric of the catalogue. Names follow Prometheus: base units, `_total` for counters. */
export interface MetricRow<Name extends string = string, Kind extends MetricKind = MetricKind> {
  readonly name: Name;
  readonly kind: Kind;
  /** `seconds`, `bytes`, `celsius`, `watts`, `joules`, `hertz`; `1` for what has none; `currency`: as its label says. */
  readonly unit: string;
  /** Every label that a series of it may have. */
  readonly labels: readonly string[];
  /** For people: `# HELP`, the page of metrics, the panels of dashboards. */
  readonly help: string;
}

export function metricRow<const Name extends string, const Kind extends MetricKind>(
  kind: Kind,
  name: Name,
  unit: string,
  labels: string,
  help: string,
): MetricRow<Name, Kind> {
  return { name, kind, unit, labels: labels.split(' ').filter((one) => one !== ''), help };
}

const ofModel = 'camera model version slot';

/**
 * The metrics of a device that agent, controller and dashboard agree on: instruments, `/metrics` of an agent, the page of
 * metrics and the dashboards for Grafana are made from it. A device may send more; these ones have a meaning to the fleet.
 */
export const deviceMetrics = {
  fps: metricRow(
    'gauge',
    'goshawk_frames_per_second',
    '1',
    'camera model version',
    'Frames per second over the last window',
  ),
  received: metricRow(
    'counter',
    'goshawk_frames_received_total',
    '1',
    'camera',
    'Frames that came from the camera',
  ),
  processed: metricRow(
    'counter',
    'goshawk_frames_processed_total',
    '1',
    ofModel,
    'Frames processed since the agent started',
  ),
  superseded: metricRow(
    'counter',
    'goshawk_frames_superseded_total',
    '1',
    'camera',
    'Frames replaced by a newer one before their turn',
  ),
  dropped: metricRow(
    'counter',
    'goshawk_frames_dropped_total',
    '1',
    'camera reason',
    'Frames lost to a failure',
  ),
  skipped: metricRow(
    'counter',
    'goshawk_frames_skipped_total',
    '1',
    'camera reason',
    'Frames left out on purpose',
  ),
  detections: metricRow('counter', 'goshawk_detections_total', '1', ofModel, 'Objects found'),
  classDetections: metricRow(
    'counter',
    'goshawk_class_detections_total',
    '1',
    'camera class',
    'Objects found by the serving model, by class (16 per camera, then class="other"), every five minutes',
  ),
  detectionScore: metricRow(
    'histogram',
    'goshawk_detection_score',
    '1',
    'camera',
    'Scores of the objects found, every five minutes',
  ),
  keypointScore: metricRow(
    'histogram',
    'goshawk_keypoint_score',
    '1',
    'camera',
    'Mean score of the keypoints of an object, every five minutes',
  ),
  keypointsSeen: metricRow(
    'histogram',
    'goshawk_keypoints_seen_share',
    '1',
    'camera',
    'Share of the keypoints of an object that are visible, every five minutes',
  ),
  maskShare: metricRow(
    'histogram',
    'goshawk_mask_share',
    '1',
    'camera',
    'Share of its box that the mask of an object covers, every five minutes',
  ),
  zoneObjects: metricRow('gauge', 'goshawk_zone_objects', '1', 'camera zone', 'Objects inside a zone'),
  zoneEntered: metricRow(
    'counter',
    'goshawk_zone_entered_total',
    '1',
    'camera zone class',
    'Objects that entered a zone (8 classes per zone, then class="other")',
  ),
  zoneDwell: metricRow(
    'histogram',
    'goshawk_zone_dwell_seconds',
    'seconds',
    'camera zone',
    'How long objects that left a zone were inside',
  ),
  lineCrossed: metricRow(
    'counter',
    'goshawk_line_crossed_total',
    '1',
    'camera line direction class',
    'Objects that crossed a line (8 classes per line, then class="other")',
  ),
  latency: metricRow(
    'histogram',
    'goshawk_capture_to_publish_seconds',
    'seconds',
    ofModel,
    'From the stamp of a frame to its published result',
  ),
  preprocess: metricRow(
    'histogram',
    'goshawk_preprocess_seconds',
    'seconds',
    ofModel,
    'Preprocessing of a frame',
  ),
  infer: metricRow('histogram', 'goshawk_inference_seconds', 'seconds', ofModel, 'The network on a frame'),
  postprocess: metricRow(
    'histogram',
    'goshawk_postprocess_seconds',
    'seconds',
    ofModel,
    'Decoding and NMS of a frame',
  ),
  queue: metricRow(
    'gauge',
    'goshawk_frames_in_queue',
    '1',
    'camera',
    'Frames that wait or are being processed',
  ),
  nodeProcessed: metricRow(
    'counter',
    'goshawk_node_frames_processed_total',
    '1',
    'camera node slot',
    'Frames processed by a node of a slot other than main',
  ),
  nodeDropped: metricRow(
    'counter',
    'goshawk_node_frames_dropped_total',
    '1',
    'camera node slot reason',
    'Frames lost to a failure by a node of a slot other than main',
  ),
  shadowFrames: metricRow(
    'gauge',
    'goshawk_shadow_frames',
    '1',
    'camera slot',
    'Frames on which the shadow and the serving model were compared',
  ),
  shadowDisagreements: metricRow(
    'gauge',
    'goshawk_shadow_disagreements',
    '1',
    'camera slot',
    'Frames on which the shadow and the serving model differ',
  ),
  shadowPrecision: metricRow(
    'gauge',
    'goshawk_shadow_precision',
    '1',
    'camera slot',
    'Share of the boxes of the shadow that the serving model has too',
  ),
  shadowRecall: metricRow(
    'gauge',
    'goshawk_shadow_recall',
    '1',
    'camera slot',
    'Share of the boxes of the serving model that the shadow has too',
  ),
  shadowClassFlips: metricRow(
    'gauge',
    'goshawk_shadow_class_flips',
    '1',
    'camera slot',
    'Pairs of boxes with two classes',
  ),
  shadowScoreDifference: metricRow(
    'gauge',
    'goshawk_shadow_score_difference',
    '1',
    'camera slot',
    'Mean difference of the scores',
  ),
  shadowServeBoxes: metricRow(
    'gauge',
    'goshawk_shadow_serve_boxes',
    '1',
    'camera slot',
    'Boxes of the serving model on these frames',
  ),
  shadowBoxes: metricRow(
    'gauge',
    'goshawk_shadow_boxes',
    '1',
    'camera slot',
    'Boxes of the shadow on these frames',
  ),
  cameraConnected: metricRow(
    'gauge',
    'goshawk_camera_connected',
    '1',
    'camera',
    '1 while the live camera delivers frames',
  ),
  cameraConnects: metricRow(
    'counter',
    'goshawk_camera_connects_total',
    '1',
    'camera',
    'Connections that delivered a frame: one more than reconnections',
  ),
  cameraBytes: metricRow(
    'counter',
    'goshawk_camera_bytes_total',
    'bytes',
    'camera',
    'Bytes received from the camera, still compressed',
  ),
  cameraDecodeErrors: metricRow(
    'counter',
    'goshawk_camera_decode_errors_total',
    '1',
    'camera',
    'Frames or parts of frames that could not be decoded',
  ),
  cameraInPlace: metricRow(
    'counter',
    'goshawk_camera_pictures_in_place_total',
    '1',
    'camera',
    'Frames that stayed in the memory of the decoder',
  ),
  cameraCopied: metricRow(
    'counter',
    'goshawk_camera_pictures_copied_total',
    '1',
    'camera',
    'Frames that were copied although device memory was set',
  ),
  cameraMapped: metricRow(
    'counter',
    'goshawk_camera_pictures_mapped_total',
    '1',
    'camera',
    'Frames in device memory that the processor read later',
  ),
  cameraHeld: metricRow(
    'gauge',
    'goshawk_camera_buffers_held',
    '1',
    'camera',
    'Buffers of the decoder that are in use',
  ),
  cameraFrameAge: metricRow(
    'gauge',
    'goshawk_camera_last_frame_age_seconds',
    'seconds',
    'camera',
    'Time since the last frame',
  ),
  memory: metricRow(
    'gauge',
    'goshawk_memory_bytes',
    'bytes',
    'model version',
    'Resident memory of the agent',
  ),
  eventLoopDelay: metricRow(
    'gauge',
    'goshawk_event_loop_delay_p99_seconds',
    'seconds',
    '',
    '99th percentile of the time between two turns of a 1 ms timer of the agent; 0.001 is no delay',
  ),
  cpu: metricRow(
    'gauge',
    'goshawk_cpu_cores',
    '1',
    '',
    'Processor cores that the agent uses; 1 is one busy core',
  ),
  temperature: metricRow(
    'gauge',
    'goshawk_temperature_celsius',
    'celsius',
    'zone',
    'Temperature of the board, where it has sensors',
  ),
  power: metricRow(
    'gauge',
    'goshawk_power_watts',
    'watts',
    'rail',
    'Power of the board, where it has sensors',
  ),
  diskFree: metricRow(
    'gauge',
    'goshawk_disk_free_bytes',
    'bytes',
    '',
    'Free space of the file system that the agent writes to',
  ),
  diskSize: metricRow(
    'gauge',
    'goshawk_disk_size_bytes',
    'bytes',
    '',
    'Size of the file system that the agent writes to',
  ),
  outboxEntries: metricRow(
    'gauge',
    'goshawk_outbox_entries',
    '1',
    '',
    'Entries that wait for the controller',
  ),
  outboxBytes: metricRow('gauge', 'goshawk_outbox_bytes', 'bytes', '', 'Bytes that wait for the controller'),
  refusedPayloads: metricRow(
    'counter',
    'goshawk_payloads_refused_total',
    '1',
    'kind',
    'Messages that did not fit the protocol',
  ),
  driftScore: metricRow(
    'gauge',
    'goshawk_drift_score',
    '1',
    'camera',
    'How near the surest signal of drift is to its threshold: 0 usual, 1 alarm; once a minute',
  ),
  driftSignal: metricRow(
    'gauge',
    'goshawk_drift_signal_deviations',
    '1',
    'camera signal',
    'Deviations of a signal from its mean, -12 to 12; every five minutes',
  ),
  driftIncident: metricRow(
    'gauge',
    'goshawk_drift_incident',
    '1',
    'camera',
    '1 while a drift incident is open',
  ),
  driftAlarms: metricRow(
    'counter',
    'goshawk_drift_alarms_total',
    '1',
    'camera verdict grade',
    'Drift alarms by verdict',
  ),
  knownAnswers: metricRow(
    'counter',
    'goshawk_known_answers_total',
    '1',
    'answer',
    'Golden frames that went through the live engine, by answer (right, wrong, none)',
  ),
  targetFps: metricRow(
    'gauge',
    'goshawk_target_frames_per_second',
    '1',
    'camera',
    'Target rate of the camera; every five minutes',
  ),
  targetLatency: metricRow(
    'gauge',
    'goshawk_target_latency_seconds',
    'seconds',
    'camera',
    'Target latency of the camera; every five minutes',
  ),
  targetKept: metricRow(
    'gauge',
    'goshawk_target_kept',
    '1',
    'camera',
    '1 while the camera reaches its target',
  ),
  targetKeptSeconds: metricRow(
    'counter',
    'goshawk_target_kept_seconds_total',
    'seconds',
    'camera',
    'Time in which the camera reached its target',
  ),
  targetMissedSeconds: metricRow(
    'counter',
    'goshawk_target_missed_seconds_total',
    'seconds',
    'camera reason',
    'Time in which the camera missed its target, by reason (camera, engine, heat, power, load, ladder, fault)',
  ),
  ladderLevel: metricRow(
    'gauge',
    'goshawk_ladder_level',
    '1',
    '',
    'Steps of the ladder that are taken to save load',
  ),
  boardSlowed: metricRow(
    'gauge',
    'goshawk_board_slowed',
    '1',
    '',
    '1 while the board slows itself down, where it reports that',
  ),
  gpuLoad: metricRow('gauge', 'goshawk_gpu_load', '1', '', 'Load of the GPU of a Jetson, 0 to 1'),
  gpuClock: metricRow('gauge', 'goshawk_gpu_clock_hertz', 'hertz', '', 'Clock of the GPU of a Jetson'),
  cpuClock: metricRow('gauge', 'goshawk_cpu_clock_hertz', 'hertz', '', 'Clock of the processor of a Jetson'),
  memoryClock: metricRow(
    'gauge',
    'goshawk_memory_clock_hertz',
    'hertz',
    '',
    'Clock of the memory of a Jetson',
  ),
  memoryLoad: metricRow(
    'gauge',
    'goshawk_memory_load',
    '1',
    '',
    'Load of the memory bus of a Jetson, 0 to 1',
  ),
  clocksPinned: metricRow(
    'gauge',
    'goshawk_clocks_pinned',
    '1',
    '',
    '1 while the clocks of a Jetson are fixed',
  ),
  overcurrent: metricRow(
    'counter',
    'goshawk_overcurrent_total',
    '1',
    'kind',
    'Over-current events of a Jetson (under-voltage, average, instantaneous)',
  ),
  sent: metricRow(
    'counter',
    'goshawk_fleet_sent_bytes_total',
    'bytes',
    'of',
    'Bytes sent to the fleet, by kind of message',
  ),
  sendRefused: metricRow(
    'counter',
    'goshawk_fleet_send_refused_total',
    '1',
    'of',
    'Messages not sent because the daily budget is used up',
  ),
  sentDay: metricRow(
    'gauge',
    'goshawk_fleet_sent_day_bytes',
    'bytes',
    '',
    'Bytes sent in the last 24 hours; every five minutes',
  ),
  sendBudget: metricRow('gauge', 'goshawk_fleet_budget_bytes', 'bytes', '', 'Bytes that may be sent a day'),
  energy: metricRow(
    'counter',
    'goshawk_energy_joules_total',
    'joules',
    '',
    'Energy of the board, where it measures its power',
  ),
  energyDay: metricRow('gauge', 'goshawk_energy_day_joules', 'joules', '', 'Energy of the last 24 hours'),
  energyPerFrame: metricRow(
    'gauge',
    'goshawk_energy_per_frame_joules',
    'joules',
    '',
    'Energy for each frame',
  ),
  stored: metricRow(
    'gauge',
    'goshawk_storage_bytes',
    'bytes',
    'of',
    'Bytes on the disk, by what they are (models, outbox, hard-frames, engines, profiles)',
  ),
  cost: metricRow(
    'gauge',
    'goshawk_cost_per_day',
    'currency',
    'of currency',
    'Cost of a day (energy, network, storage)',
  ),
  streamSent: metricRow('counter', 'goshawk_stream_sent_total', '1', 'stream', 'Results sent to a stream'),
  streamLeftOut: metricRow(
    'counter',
    'goshawk_stream_left_out_total',
    '1',
    'stream reason',
    'Results not sent to a stream',
  ),
  robot: metricRow('gauge', 'goshawk_robot_value', '1', 'name field', 'Value of a topic of the robot'),
  clips: metricRow('gauge', 'goshawk_clips', '1', 'camera', 'Clips on the disk'),
  clipBytes: metricRow('gauge', 'goshawk_clip_bytes', 'bytes', 'camera', 'Size of the clips on the disk'),
  clipRingBytes: metricRow(
    'gauge',
    'goshawk_clip_ring_bytes',
    'bytes',
    'camera',
    'Size of the last seconds of the stream in memory',
  ),
  clipBytesWritten: metricRow(
    'counter',
    'goshawk_clip_written_bytes_total',
    'bytes',
    'camera',
    'Bytes that clips wrote to the disk',
  ),
  clipsFailed: metricRow(
    'counter',
    'goshawk_clips_failed_total',
    '1',
    'camera',
    'Clips that could not be made',
  ),
  hardFrames: metricRow('gauge', 'goshawk_hard_frames', '1', 'camera', 'Hard frames on the disk'),
  hardFrameBytes: metricRow(
    'gauge',
    'goshawk_hard_frame_bytes',
    'bytes',
    'camera',
    'Size of the hard frames on the disk',
  ),
} as const satisfies Record<string, MetricRow>;

type Rows = typeof deviceMetrics;

/** Their names, for what asks by name. */
export const metricNames = Object.fromEntries(
  Object.entries(deviceMetrics).map(([key, { name }]) => [key, name]),
) as { readonly [Key in keyof Rows]: Rows[Key]['name'] };

const byName: ReadonlyMap<string, MetricRow> = new Map(
  Object.values(deviceMetrics).map((row) => [row.name, row]),
);

export function metricOf(name: string): MetricRow | undefined {
  return byName.get(name);
}

/** The kind of a metric by its name; undefined for one that is no metric of Goshawk and names no kind. */
export function kindOfMetric(name: string): MetricKind | undefined {
  return name.endsWith('_total') ? 'counter' : metricOf(name)?.kind;
}
