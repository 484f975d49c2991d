/*
 * The messages of this package as rclnodejs gives them: names as in the .msg files. A uint64 is a bigint, or a number where
 * rclnodejs is told so.
 */
export interface Header {
  readonly stamp: { readonly sec: number; readonly nanosec: number };
  readonly frame_id: string;
}

/** vision_msgs/msg/Detection2DArray, as far as its header: the rest stands in the types of rclnodejs. */
export interface Detection2DArray {
  readonly header: Header;
  readonly detections: readonly unknown[];
}

/** sensor_msgs/msg/CompressedImage */
export interface CompressedImage {
  readonly header: Header;
  readonly format: string;
  readonly data: Uint8Array;
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

/** goshawk_msgs/msg/SynchronizedDetections */
export interface SynchronizedDetections {
  readonly header: Header;
  readonly cameras: readonly string[];
  readonly detections: readonly Detection2DArray[];
}

/** goshawk_msgs/srv/SetModel */
export interface SetModel_Request {
  readonly name: string;
  readonly version: string;
}

export interface SetModel_Response {
  readonly success: boolean;
  readonly message: string;
  readonly digest: string;
}

/** goshawk_msgs/srv/Snapshot */
export interface Snapshot_Request {
  readonly camera: string;
  readonly annotated: boolean;
}

export interface Snapshot_Response {
  readonly success: boolean;
  readonly message: string;
  readonly picture: CompressedImage;
}

/** goshawk_msgs/action/SwapModel */
export interface SwapModel_Goal {
  readonly name: string;
  readonly version: string;
}

export interface SwapModel_Result {
  readonly ok: boolean;
  readonly digest: string;
  readonly reason: string;
}

export interface SwapModel_Feedback {
  readonly state: string;
  readonly percent: number;
}
