type Reasons = Readonly<Record<string, readonly string[]>>;

/** Metrics of which a test's device, and a fleet in which all is well, have no data, and why. */
const never: Reasons = {
  'a Jetson has it': [
    ...[
      'goshawk_gpu_load',
      'goshawk_gpu_clock_hertz',
      'goshawk_cpu_clock_hertz',
      'goshawk_memory_clock_hertz',
    ],
    ...['goshawk_memory_load', 'goshawk_clocks_pinned', 'goshawk_overcurrent_total'],
  ],
  'a camera of the driver v4l2 has it': [
    ...['goshawk_camera_pictures_in_place_total', 'goshawk_camera_pictures_copied_total'],
    ...['goshawk_camera_pictures_mapped_total', 'goshawk_camera_buffers_held'],
  ],
  'a failure makes it': [
    ...['goshawk_frames_dropped_total', 'goshawk_payloads_refused_total', 'goshawk_fleet_send_refused_total'],
  ],
  'a model of another kind makes it': [
    ...['goshawk_keypoint_score', 'goshawk_keypoints_seen_share', 'goshawk_mask_share'],
  ],
  'a shadow that is slower than its camera makes it': ['goshawk_node_frames_dropped_total'],
  'a robot with ROS 2 has it': ['goshawk_robot_value'],
  'a camera that is paced or gated makes it': ['goshawk_frames_skipped_total'],
  'a controller with an authority of its own has it': [
    'goshawk_controller_certificate_expiry_timestamp_seconds',
  ],
};

/** Whether there are data is chance here: what machine it is, and how long it ran. */
const byChance: Reasons = {
  'a board with sensors has it': [
    ...['goshawk_temperature_celsius', 'goshawk_controller_temperature_celsius', 'goshawk_power_watts'],
    ...['goshawk_energy_joules_total', 'goshawk_energy_day_joules', 'goshawk_energy_per_frame_joules'],
    ...['goshawk_board_slowed', 'goshawk_cost_per_day'],
  ],
  'it comes every five minutes, or hours after a start': [
    ...['goshawk_known_answers_total', 'goshawk_drift_score', 'goshawk_drift_signal_deviations'],
    ...['goshawk_detection_score', 'goshawk_class_detections_total', 'goshawk_target_missed_seconds_total'],
    ...['goshawk_hard_frames', 'goshawk_hard_frame_bytes', 'goshawk_storage_bytes'],
    ...['goshawk_zone_dwell_seconds'],
  ],
};

export const neverData: readonly string[] = Object.values(never).flat();

export const withoutData: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...never, ...byChance }).flatMap(([reason, names]) =>
    names.map((name) => [name, reason] as const),
  ),
);
