/*
 * Type hashes (RIHS01, REP-2016): SHA-256 over the type's description as JSON, here as constants. They are computed again
 * from the definitions in test/unit/ros2/types.test.ts; those of Header, Image and CompressedImage were also compared with public captures of what
 * `ros2 topic info -v` of Jazzy prints.
 */
export const typeHashes = {
  'std_msgs/msg/Header': 'RIHS01_f49fb3ae2cf070f793645ff749683ac6b06203e41c891e17701b1cb597ce6a01',
  'sensor_msgs/msg/Image': 'RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47',
  'sensor_msgs/msg/CompressedImage':
    'RIHS01_15640771531571185e2efc8a100baf923961a4d15d5569652e6cb6691e8e371a',
  'vision_msgs/msg/Detection2D': 'RIHS01_0d12b69df5c593b3455b7346fac8205437a7d4bcb09b9e0e0b2dde787ded38ea',
  'vision_msgs/msg/Detection2DArray':
    'RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
  'diagnostic_msgs/msg/DiagnosticArray':
    'RIHS01_5a8a36efb05fb25070fa0fb3810290c0e6cd4862b54a8fb975a1ee8dc55a333e',
  'goshawk_msgs/msg/PerceptionInfo':
    'RIHS01_6da25dacc08094572f134bf29a6058ac4abd596a30ff0ab5fef5dd48d2eda350',
  'goshawk_msgs/msg/ModelEvent': 'RIHS01_bf930f085ae2a4c32d8962fd31a1d16626947ff3d037d900c74a0ebb784eaf66',
} as const;

export type MessageType = keyof typeof typeHashes;

/** Not a message of a user's topic: it announces nodes, and carries no hash. */
export const graphType = 'rmw_dds_common/msg/ParticipantEntitiesInfo';
