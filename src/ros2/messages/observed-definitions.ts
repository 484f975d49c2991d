/** Messages that are only read, field by field (fields.ts): those of common_interfaces that robots tell of themselves. */
export const observedDefinitions: Readonly<Record<string, string>> = {
  'std_msgs/msg/Int8': 'int8 data',
  'std_msgs/msg/UInt8': 'uint8 data',
  'std_msgs/msg/Int16': 'int16 data',
  'std_msgs/msg/UInt16': 'uint16 data',
  'std_msgs/msg/Int32': 'int32 data',
  'std_msgs/msg/UInt32': 'uint32 data',
  'std_msgs/msg/Int64': 'int64 data',
  'std_msgs/msg/UInt64': 'uint64 data',
  'std_msgs/msg/Float32': 'float32 data',
  'std_msgs/msg/Float64': 'float64 data',
  'std_msgs/msg/String': 'string data',
  'sensor_msgs/msg/BatteryState':
    'std_msgs/msg/Header header, float32 voltage, float32 temperature, float32 current, float32 charge, float32 capacity, float32 design_capacity, float32 percentage, uint8 power_supply_status, uint8 power_supply_health, uint8 power_supply_technology, bool present, float32[] cell_voltage, float32[] cell_temperature, string location, string serial_number',
  'sensor_msgs/msg/Temperature': 'std_msgs/msg/Header header, float64 temperature, float64 variance',
  'sensor_msgs/msg/NavSatStatus': 'int8 status, uint16 service',
  'sensor_msgs/msg/NavSatFix':
    'std_msgs/msg/Header header, sensor_msgs/msg/NavSatStatus status, float64 latitude, float64 longitude, float64 altitude, float64[9] position_covariance, uint8 position_covariance_type',
  'geometry_msgs/msg/Vector3': 'float64 x, float64 y, float64 z',
  'geometry_msgs/msg/Twist': 'geometry_msgs/msg/Vector3 linear, geometry_msgs/msg/Vector3 angular',
  'geometry_msgs/msg/TwistWithCovariance': 'geometry_msgs/msg/Twist twist, float64[36] covariance',
  'nav_msgs/msg/Odometry':
    'std_msgs/msg/Header header, string child_frame_id, geometry_msgs/msg/PoseWithCovariance pose, geometry_msgs/msg/TwistWithCovariance twist',
};
