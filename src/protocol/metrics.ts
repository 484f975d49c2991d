import type { MetricKind } from './payloads.ts';

/** As metrics name the model of a device that has none. */
export const noModelName = 'none';

/**
 * Names, units and kinds of the metrics that agent, controller and dashboard agree on. A device may send more; these
 * ones have a meaning to the fleet. Names follow Prometheus: base units, `_total` for counters.
 * Labels: `camera`, `model`, `version` where marked.
 */
export const metricNames = {
  /** Gauge, frames per second over the last window; labels camera, model, version. */
  fps: 'goshawk_frames_per_second',
  /** Counters; labels camera. */
  received: 'goshawk_frames_received_total',
  /** Counter; labels camera, model, version. */
  processed: 'goshawk_frames_processed_total',
  superseded: 'goshawk_frames_superseded_total',
  /** Counter; labels camera, reason. */
  dropped: 'goshawk_frames_dropped_total',
  /** Counter, frames that were left out on purpose; labels camera, reason. */
  skipped: 'goshawk_frames_skipped_total',
  /** Counter; labels camera, model, version. */
  detections: 'goshawk_detections_total',
  /** Counter, of the model that serves the camera, every five minutes; labels camera, class (16 of a camera, `other` for the rest). */
  classDetections: 'goshawk_class_detections_total',
  /** Histogram, scores of its detections, every five minutes; label camera. */
  detectionScore: 'goshawk_detection_score',
  /** Histograms, of what models of poses and of masks find, one value for each, every five minutes; label camera. */
  keypointScore: 'goshawk_keypoint_score',
  keypointsSeen: 'goshawk_keypoints_seen_share',
  maskShare: 'goshawk_mask_share',
  /** Gauge, objects inside of a zone of a camera's rules, when it changes and every five minutes; labels camera, zone. */
  zoneObjects: 'goshawk_zone_objects',
  /** Counter; labels camera, zone, class (8 of a zone, `other` for the rest). */
  zoneEntered: 'goshawk_zone_entered_total',
  /** Histogram, seconds that objects which left were inside; labels camera, zone. */
  zoneDwell: 'goshawk_zone_dwell_seconds',
  /** Counter; labels camera, line, direction (in, out), class (8 of a line, `other` for the rest). */
  lineCrossed: 'goshawk_line_crossed_total',
  /** Histogram, seconds, stamp of the frame to publishing its result; labels camera, model, version. */
  latency: 'goshawk_capture_to_publish_seconds',
  /** Histograms, seconds; labels camera, model, version. */
  preprocess: 'goshawk_preprocess_seconds',
  infer: 'goshawk_inference_seconds',
  postprocess: 'goshawk_postprocess_seconds',
  /** Gauge, frames that wait or are under way; labels camera. */
  queue: 'goshawk_frames_in_queue',
  /** Counters of the nodes of slots beside `main`; labels camera, node, slot; the second also reason. */
  nodeProcessed: 'goshawk_node_frames_processed_total',
  nodeDropped: 'goshawk_node_frames_dropped_total',
  /**
   * Gauges of a shadow beside the model that serves, since both are what they are; labels camera, slot. Frames that both
   * looked at, how many of them differ, shares of boxes that the other has too, pairs with two labels, mean difference of
   * the scores.
   */
  shadowFrames: 'goshawk_shadow_frames',
  shadowDisagreements: 'goshawk_shadow_disagreements',
  shadowPrecision: 'goshawk_shadow_precision',
  shadowRecall: 'goshawk_shadow_recall',
  shadowClassFlips: 'goshawk_shadow_class_flips',
  shadowScoreDifference: 'goshawk_shadow_score_difference',
  /** Boxes that the serving model and the shadow found on those frames. */
  shadowServeBoxes: 'goshawk_shadow_serve_boxes',
  shadowBoxes: 'goshawk_shadow_boxes',
  /** Of live cameras that are connected to over a network or a driver; labels camera. Gauge, 1 while pictures come. */
  cameraConnected: 'goshawk_camera_connected',
  /** Counter, connections that gave a picture: one more than reconnections. */
  cameraConnects: 'goshawk_camera_connects_total',
  /** Counter, bytes as they came in, still compressed; absent where nobody knows. */
  cameraBytes: 'goshawk_camera_bytes_total',
  /** Counter, pictures or parts of them that could not be read. */
  cameraDecodeErrors: 'goshawk_camera_decode_errors_total',
  /**
   * Of cameras whose `memory` is `device`: counters of pictures that stayed where the decoder put them, of those that were
   * copied although their memory was wanted as it is, and of those that the processor asked for later; gauge of the decoder's
   * buffers that are held.
   */
  cameraInPlace: 'goshawk_camera_pictures_in_place_total',
  cameraCopied: 'goshawk_camera_pictures_copied_total',
  cameraMapped: 'goshawk_camera_pictures_mapped_total',
  cameraHeld: 'goshawk_camera_buffers_held',
  /** Gauge, seconds since the last picture. */
  cameraFrameAge: 'goshawk_camera_last_frame_age_seconds',
  /** Gauge, bytes, resident set of the agent; labels model, version. */
  memory: 'goshawk_memory_bytes',
  /** Gauge, seconds: p99 of the time between two turns of a 1 ms timer on the agent's event loop; 0.001 is no delay. */
  eventLoopDelay: 'goshawk_event_loop_delay_p99_seconds',
  /** Gauge, 1 = one core busy. */
  cpu: 'goshawk_cpu_cores',
  /** Gauge, celsius; label zone. Only where the board has sensors. */
  temperature: 'goshawk_temperature_celsius',
  /** Gauge, watts; label rail. Only where the board has sensors. */
  power: 'goshawk_power_watts',
  /** Gauges, bytes, of the file system that the agent writes to: what is free to it, and its size. */
  diskFree: 'goshawk_disk_free_bytes',
  diskSize: 'goshawk_disk_size_bytes',
  /** Gauge, entries waiting for the controller. */
  outboxEntries: 'goshawk_outbox_entries',
  /** Gauge, bytes. */
  outboxBytes: 'goshawk_outbox_bytes',
  /** Counter, payloads that came in and did not fit the protocol; label kind of topic. */
  refusedPayloads: 'goshawk_payloads_refused_total',
  /** Gauge, labels camera: how near the surest signal is to its threshold, 0 = usual, 1 = alarm. Once a minute. */
  driftScore: 'goshawk_drift_score',
  /** Gauge, labels camera, signal: deviations of the reference from its mean, -12..12. Every five minutes. */
  driftSignal: 'goshawk_drift_signal_deviations',
  /** Gauge, labels camera: 1 while an incident is open. */
  driftIncident: 'goshawk_drift_incident',
  /** Counter, labels camera, verdict (`sensor fault: frozen`). */
  driftAlarms: 'goshawk_drift_alarms_total',
  /** Counter, labels answer (right, wrong, none). */
  knownAnswers: 'goshawk_known_answers_total',
  /** Gauges, what was promised; label camera. Every five minutes. */
  targetFps: 'goshawk_target_frames_per_second',
  targetLatency: 'goshawk_target_latency_seconds',
  /** Gauge, 1 while the promise is kept; label camera. */
  targetKept: 'goshawk_target_kept',
  /** Counters, seconds; label camera, and of what is missed reason (camera, engine, heat, power, load, ladder, fault). */
  targetKeptSeconds: 'goshawk_target_kept_seconds_total',
  targetMissedSeconds: 'goshawk_target_missed_seconds_total',
  /** Gauge, steps of the ladder that are taken. */
  ladderLevel: 'goshawk_ladder_level',
  /** Gauge, 1 while the board slows itself down. Only where it says so. */
  boardSlowed: 'goshawk_board_slowed',
  /** Of a Jetson: shares 0..1, hertz; over-current with label kind (under-voltage, average, instantaneous). */
  gpuLoad: 'goshawk_gpu_load',
  gpuClock: 'goshawk_gpu_clock_hertz',
  cpuClock: 'goshawk_cpu_clock_hertz',
  memoryClock: 'goshawk_memory_clock_hertz',
  memoryLoad: 'goshawk_memory_load',
  clocksPinned: 'goshawk_clocks_pinned',
  overcurrent: 'goshawk_overcurrent_total',
  /** Counters, bytes sent to the fleet and messages refused for the budget; label of (state, event, metrics, frame, result, preview). */
  sent: 'goshawk_fleet_sent_bytes_total',
  sendRefused: 'goshawk_fleet_send_refused_total',
  /** Gauges, bytes: sent in the last 24 hours, and the cap. Every five minutes, as all that follows. */
  sentDay: 'goshawk_fleet_sent_day_bytes',
  sendBudget: 'goshawk_fleet_budget_bytes',
  /** Counter and gauges, joules, of the whole board; only where it shows its power. */
  energy: 'goshawk_energy_joules_total',
  energyDay: 'goshawk_energy_day_joules',
  energyPerFrame: 'goshawk_energy_per_frame_joules',
  /** Gauge, bytes on the disk; label of (models, outbox, hard-frames, engines, profiles). */
  stored: 'goshawk_storage_bytes',
  /** Gauge, what a day costs; labels of (energy, network, storage) and currency, which is its unit. */
  cost: 'goshawk_cost_per_day',
  /** Counters of results by stream (docs/streams.md); label stream, the second also reason. Every minute. */
  streamSent: 'goshawk_stream_sent_total',
  streamLeftOut: 'goshawk_stream_left_out_total',
  /** Gauge, what a topic of the robot said; labels name (of the settings) and field. */
  robot: 'goshawk_robot_value',
  /** Gauges; label camera. */
  /** Gauges, clips on the disk and their bytes, and bytes of the stream in memory; label camera. */
  clips: 'goshawk_clips',
  clipBytes: 'goshawk_clip_bytes',
  clipRingBytes: 'goshawk_clip_ring_bytes',
  /** Counters, bytes that clips wrote to the disk, and clips that could not be made; label camera. */
  clipBytesWritten: 'goshawk_clip_bytes_written_total',
  clipsFailed: 'goshawk_clips_failed_total',
  hardFrames: 'goshawk_hard_frames',
  hardFrameBytes: 'goshawk_hard_frame_bytes',
} as const;

const histograms: ReadonlySet<string> = new Set([
  metricNames.latency,
  metricNames.preprocess,
  metricNames.infer,
  metricNames.postprocess,
  metricNames.detectionScore,
  metricNames.keypointScore,
  metricNames.keypointsSeen,
  metricNames.maskShare,
  metricNames.zoneDwell,
]);

/** The kind of a metric by its name; undefined for one that is no metric of Goshawk and names no kind. */
export function kindOfMetric(name: string): MetricKind | undefined {
  if (name.endsWith('_total')) return 'counter';
  if (histograms.has(name)) return 'histogram';
  return known.has(name) ? 'gauge' : undefined;
}

const known: ReadonlySet<string> = new Set(Object.values(metricNames));
