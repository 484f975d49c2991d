import { actionDefinitions } from './action-definitions.ts';
import { nothing } from './nothing.ts';
import { observedDefinitions } from './observed-definitions.ts';

const empty = `uint8 ${nothing}`;

/** Field for field, from common_interfaces and vision_msgs 4. */
export const typeDefinitions: Readonly<Record<string, string>> = {
  'builtin_interfaces/msg/Time': 'int32 sec, uint32 nanosec',
  'builtin_interfaces/msg/Duration': 'int32 sec, uint32 nanosec',
  'rosgraph_msgs/msg/Clock': 'builtin_interfaces/msg/Time clock',
  'std_msgs/msg/Header': 'builtin_interfaces/msg/Time stamp, string frame_id',
  'std_msgs/msg/Bool': 'bool data',
  'sensor_msgs/msg/Image':
    'std_msgs/msg/Header header, uint32 height, uint32 width, string encoding, uint8 is_bigendian, uint32 step, uint8[] data',
  'sensor_msgs/msg/CompressedImage': 'std_msgs/msg/Header header, string format, uint8[] data',
  'sensor_msgs/msg/RegionOfInterest':
    'uint32 x_offset, uint32 y_offset, uint32 height, uint32 width, bool do_rectify',
  'sensor_msgs/msg/CameraInfo':
    'std_msgs/msg/Header header, uint32 height, uint32 width, string distortion_model, float64[] d, float64[9] k, float64[9] r, float64[12] p, uint32 binning_x, uint32 binning_y, sensor_msgs/msg/RegionOfInterest roi',
  'geometry_msgs/msg/Point': 'float64 x, float64 y, float64 z',
  'geometry_msgs/msg/Quaternion': 'float64 x 0, float64 y 0, float64 z 0, float64 w 1',
  'geometry_msgs/msg/Pose': 'geometry_msgs/msg/Point position, geometry_msgs/msg/Quaternion orientation',
  'geometry_msgs/msg/PoseWithCovariance': 'geometry_msgs/msg/Pose pose, float64[36] covariance',
  'vision_msgs/msg/Point2D': 'float64 x, float64 y',
  'vision_msgs/msg/Pose2D': 'vision_msgs/msg/Point2D position, float64 theta',
  'vision_msgs/msg/BoundingBox2D': 'vision_msgs/msg/Pose2D center, float64 size_x, float64 size_y',
  'vision_msgs/msg/ObjectHypothesis': 'string class_id, float64 score',
  'vision_msgs/msg/ObjectHypothesisWithPose':
    'vision_msgs/msg/ObjectHypothesis hypothesis, geometry_msgs/msg/PoseWithCovariance pose',
  'vision_msgs/msg/Detection2D':
    'std_msgs/msg/Header header, vision_msgs/msg/ObjectHypothesisWithPose[] results, vision_msgs/msg/BoundingBox2D bbox, string id',
  'vision_msgs/msg/Detection2DArray': 'std_msgs/msg/Header header, vision_msgs/msg/Detection2D[] detections',
  'geometry_msgs/msg/Vector3': 'float64 x, float64 y, float64 z',
  'geometry_msgs/msg/Transform':
    'geometry_msgs/msg/Vector3 translation, geometry_msgs/msg/Quaternion rotation',
  'geometry_msgs/msg/TransformStamped':
    'std_msgs/msg/Header header, string child_frame_id, geometry_msgs/msg/Transform transform',
  'tf2_msgs/msg/TFMessage': 'geometry_msgs/msg/TransformStamped[] transforms',
  'vision_msgs/msg/BoundingBox3D': 'geometry_msgs/msg/Pose center, geometry_msgs/msg/Vector3 size',
  'vision_msgs/msg/Detection3D':
    'std_msgs/msg/Header header, vision_msgs/msg/ObjectHypothesisWithPose[] results, vision_msgs/msg/BoundingBox3D bbox, string id',
  'vision_msgs/msg/Detection3DArray': 'std_msgs/msg/Header header, vision_msgs/msg/Detection3D[] detections',
  'vision_msgs/msg/VisionClass': 'uint16 class_id, string class_name',
  'vision_msgs/msg/LabelInfo':
    'std_msgs/msg/Header header, vision_msgs/msg/VisionClass[] class_map, float32 threshold',
  'vision_msgs/msg/VisionInfo':
    'std_msgs/msg/Header header, string method, string database_location, int32 database_version',
  'diagnostic_msgs/msg/KeyValue': 'string key, string value',
  'diagnostic_msgs/msg/DiagnosticStatus':
    'byte level, string name, string message, string hardware_id, diagnostic_msgs/msg/KeyValue[] values',
  'diagnostic_msgs/msg/DiagnosticArray':
    'std_msgs/msg/Header header, diagnostic_msgs/msg/DiagnosticStatus[] status',
  'rmw_dds_common/msg/Gid': 'char[16] data',
  'rmw_dds_common/msg/NodeEntitiesInfo':
    'string<=256 node_namespace, string<=256 node_name, rmw_dds_common/msg/Gid[] reader_gid_seq, rmw_dds_common/msg/Gid[] writer_gid_seq',
  'rmw_dds_common/msg/ParticipantEntitiesInfo':
    'rmw_dds_common/msg/Gid gid, rmw_dds_common/msg/NodeEntitiesInfo[] node_entities_info_seq',
  'rcl_interfaces/msg/ParameterValue':
    'uint8 type, bool bool_value, int64 integer_value, float64 double_value, string string_value, byte[] byte_array_value, bool[] bool_array_value, int64[] integer_array_value, float64[] double_array_value, string[] string_array_value',
  'rcl_interfaces/msg/Parameter': 'string name, rcl_interfaces/msg/ParameterValue value',
  'rcl_interfaces/msg/ParameterEvent':
    'builtin_interfaces/msg/Time stamp, string node, rcl_interfaces/msg/Parameter[] new_parameters, rcl_interfaces/msg/Parameter[] changed_parameters, rcl_interfaces/msg/Parameter[] deleted_parameters',
  'rcl_interfaces/msg/SetParametersResult': 'bool successful, string reason',
  'rcl_interfaces/msg/ListParametersResult': 'string[] names, string[] prefixes',
  'rcl_interfaces/msg/FloatingPointRange': 'float64 from_value, float64 to_value, float64 step',
  'rcl_interfaces/msg/IntegerRange': 'int64 from_value, int64 to_value, uint64 step',
  'rcl_interfaces/msg/ParameterDescriptor':
    'string name, uint8 type, string description, string additional_constraints, bool read_only, bool dynamic_typing, rcl_interfaces/msg/FloatingPointRange[<=1] floating_point_range, rcl_interfaces/msg/IntegerRange[<=1] integer_range',
  'std_srvs/srv/Trigger_Request': empty,
  'std_srvs/srv/Trigger_Response': 'bool success, string message',
  'std_srvs/srv/Empty_Request': empty,
  'std_srvs/srv/Empty_Response': empty,
  'std_srvs/srv/SetBool_Request': 'bool data',
  'std_srvs/srv/SetBool_Response': 'bool success, string message',
  'rcl_interfaces/srv/GetParameters_Request': 'string[] names',
  'rcl_interfaces/srv/GetParameters_Response': 'rcl_interfaces/msg/ParameterValue[] values',
  'rcl_interfaces/srv/GetParameterTypes_Request': 'string[] names',
  'rcl_interfaces/srv/GetParameterTypes_Response': 'uint8[] types',
  'rcl_interfaces/srv/SetParameters_Request': 'rcl_interfaces/msg/Parameter[] parameters',
  'rcl_interfaces/srv/SetParameters_Response': 'rcl_interfaces/msg/SetParametersResult[] results',
  'rcl_interfaces/srv/SetParametersAtomically_Request': 'rcl_interfaces/msg/Parameter[] parameters',
  'rcl_interfaces/srv/SetParametersAtomically_Response': 'rcl_interfaces/msg/SetParametersResult result',
  'rcl_interfaces/srv/DescribeParameters_Request': 'string[] names',
  'rcl_interfaces/srv/DescribeParameters_Response': 'rcl_interfaces/msg/ParameterDescriptor[] descriptors',
  'rcl_interfaces/srv/ListParameters_Request': 'string[] prefixes, uint64 depth',
  'rcl_interfaces/srv/ListParameters_Response': 'rcl_interfaces/msg/ListParametersResult result',
  'type_description_interfaces/msg/FieldType':
    'uint8 type_id, uint64 capacity, uint64 string_capacity, string<=255 nested_type_name',
  'type_description_interfaces/msg/Field':
    'string name, type_description_interfaces/msg/FieldType type, string default_value',
  'type_description_interfaces/msg/IndividualTypeDescription':
    'string<=255 type_name, type_description_interfaces/msg/Field[] fields',
  'type_description_interfaces/msg/TypeDescription':
    'type_description_interfaces/msg/IndividualTypeDescription type_description, type_description_interfaces/msg/IndividualTypeDescription[] referenced_type_descriptions',
  'type_description_interfaces/msg/TypeSource': 'string type_name, string encoding, string raw_file_contents',
  'type_description_interfaces/msg/KeyValue': 'string key, string value',
  'type_description_interfaces/srv/GetTypeDescription_Request':
    'string type_name, string type_hash, bool include_type_sources',
  'type_description_interfaces/srv/GetTypeDescription_Response':
    'bool successful, string failure_reason, type_description_interfaces/msg/TypeDescription type_description, type_description_interfaces/msg/TypeSource[] type_sources, type_description_interfaces/msg/KeyValue[] extra_information',
  'rcl_interfaces/msg/Log':
    'builtin_interfaces/msg/Time stamp, uint8 level, string name, string msg, string file, string function, uint32 line',
  'bond/msg/Status':
    'std_msgs/msg/Header header, string id, string instance_id, bool active, float32 heartbeat_timeout, float32 heartbeat_period',
  'lifecycle_msgs/msg/State': 'uint8 id, string label',
  'lifecycle_msgs/msg/Transition': 'uint8 id, string label',
  'lifecycle_msgs/msg/TransitionDescription':
    'lifecycle_msgs/msg/Transition transition, lifecycle_msgs/msg/State start_state, lifecycle_msgs/msg/State goal_state',
  'lifecycle_msgs/msg/TransitionEvent':
    'uint64 timestamp, lifecycle_msgs/msg/Transition transition, lifecycle_msgs/msg/State start_state, lifecycle_msgs/msg/State goal_state',
  'lifecycle_msgs/srv/ChangeState_Request': 'lifecycle_msgs/msg/Transition transition',
  'lifecycle_msgs/srv/ChangeState_Response': 'bool success',
  'lifecycle_msgs/srv/GetState_Request': empty,
  'lifecycle_msgs/srv/GetState_Response': 'lifecycle_msgs/msg/State current_state',
  'lifecycle_msgs/srv/GetAvailableStates_Request': empty,
  'lifecycle_msgs/srv/GetAvailableStates_Response': 'lifecycle_msgs/msg/State[] available_states',
  'lifecycle_msgs/srv/GetAvailableTransitions_Request': empty,
  'lifecycle_msgs/srv/GetAvailableTransitions_Response':
    'lifecycle_msgs/msg/TransitionDescription[] available_transitions',
  'goshawk_msgs/msg/PerceptionInfo':
    'std_msgs/msg/Header header, string camera, string model, string version, string digest, string engine, string precision, float32 capture_to_publish_ms, float32 preprocess_ms, float32 infer_ms, float32 postprocess_ms, uint32 candidates, uint64 frames_received, uint64 frames_published, uint64 frames_lost',
  'goshawk_msgs/msg/ModelEvent':
    'std_msgs/msg/Header header, string old_model, string old_version, string old_digest, string new_model, string new_version, string new_digest, string engine, string precision',
  'goshawk_msgs/srv/SetModel_Request': 'string name, string version',
  'goshawk_msgs/srv/SetModel_Response': 'bool success, string message, string digest',
  'goshawk_msgs/srv/Snapshot_Request': 'string camera, bool annotated',
  'goshawk_msgs/srv/Snapshot_Response':
    'bool success, string message, sensor_msgs/msg/CompressedImage picture',
  'goshawk_msgs/msg/SynchronizedDetections':
    'std_msgs/msg/Header header, string[] cameras, vision_msgs/msg/Detection2DArray[] detections',
  ...actionDefinitions,
  ...observedDefinitions,
};
