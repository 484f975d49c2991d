/*
 * The messages of this package as rclnodejs gives them: names as in the .msg files. A uint64 is a bigint, or a number where
 * rclnodejs is told so.
 */
export interface Header {
  readonly stamp: { readonly sec: number; readonly nanosec: number };
  readonly frame_id: string;
}

/** goshawk_msgs/msg/PerceptionInfo */
export interface PerceptionInfo {
  readonly header: Header;
  readonly camera: string;
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly engine: string;
  readonly precision: string;
  readonly capture_to_publish_ms: number;
  readonly preprocess_ms: number;
  readonly infer_ms: number;
  readonly postprocess_ms: number;
  readonly candidates: number;
  readonly frames_received: bigint | number;
  readonly frames_published: bigint | number;
  readonly frames_lost: bigint | number;
}

/** goshawk_msgs/msg/ModelEvent */
export interface ModelEvent {
  readonly header: Header;
  readonly old_model: string;
  readonly old_version: string;
  readonly old_digest: string;
  readonly new_model: string;
  readonly new_version: string;
  readonly new_digest: string;
  readonly engine: string;
  readonly precision: string;
}
