/** Hashes (see types.ts) of messages that are only read, field by field. */
export const observedTypeHashes = {
  'std_msgs/msg/Int8': 'RIHS01_26525065a403d972cb672f0777e333f0c799ad444ae5fcd79e43d1e73bd0f440',
  'std_msgs/msg/UInt8': 'RIHS01_6138bd83d8c3569cb80a667db03cfc1629f529fee79d944c39c34e352e72f010',
  'std_msgs/msg/Int16': 'RIHS01_1dcc3464e47c288a55f943a389d337cdb06804de3f5cd7a266b0de718eee17e5',
  'std_msgs/msg/UInt16': 'RIHS01_08a406e4b022bc22e907f985d6a9e9dd1d4fbecae573549cf49350113e7757b1',
  'std_msgs/msg/Int32': 'RIHS01_b6578ded3c58c626cfe8d1a6fb6e04f706f97e9f03d2727c9ff4e74b1cef0deb',
  'std_msgs/msg/UInt32': 'RIHS01_a5c874829b752bc5fa190024b0ad76f578cc278271e855c7d02a818b3516fb4a',
  'std_msgs/msg/Int64': 'RIHS01_8cd1048c2f186b6bd9a92472dc1ce51723c0833a221e2b7aecfff111774f4b49',
  'std_msgs/msg/UInt64': 'RIHS01_fbdc52018fc13755dce18024d1a671c856aa8b4aaf63adfb095b608f98e8c943',
  'std_msgs/msg/Float32': 'RIHS01_7170d3d8f841f7be3172ce5f4f59f3a4d7f63b0447e8b33327601ad64d83d6e2',
  'std_msgs/msg/Float64': 'RIHS01_705ba9c3d1a09df43737eb67095534de36fd426c0587779bda2bc51fe790182a',
  'std_msgs/msg/String': 'RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18',
  'sensor_msgs/msg/BatteryState': 'RIHS01_4bee5dfce981c98faa6828b868307a0a73f992ed0789f374ee96c8f840e69741',
  'sensor_msgs/msg/Temperature': 'RIHS01_72514a14126ab9f8a9abec974c78e5610a367b59db5da355ff1fb982d5bad4b8',
  'sensor_msgs/msg/NavSatFix': 'RIHS01_62223ab3fe210a15976021da7afddc9e200dc9ec75231c1b6a557fc598a65404',
  'geometry_msgs/msg/Twist': 'RIHS01_9c45bf16fe0983d80e3cfe750d6835843d265a9a6c46bd2e609fcddde6fb8d2a',
  'nav_msgs/msg/Odometry': 'RIHS01_3cc97dc7fb7502f8714462c526d369e35b603cfc34d946e3f2eda2766dfec6e0',
} as const;

export type ObservedType = keyof typeof observedTypeHashes | 'std_msgs/msg/Bool';
