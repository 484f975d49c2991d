import { observedTypeHashes } from '../messages/observed-types.ts';
import type { ServiceType } from '../messages/services.ts';

/*
 * Type hashes (RIHS01, REP-2016): SHA-256 over the type's description as JSON, here as constants. They are computed again
 * from the definitions in test/unit/ros2/node/types.test.ts; those of Header, Image and CompressedImage were also compared with public captures of what
 * `ros2 topic info -v` of Jazzy prints.
 */
export const typeHashes = {
  'std_msgs/msg/Header': 'RIHS01_f49fb3ae2cf070f793645ff749683ac6b06203e41c891e17701b1cb597ce6a01',
  'std_msgs/msg/Bool': 'RIHS01_feb91e995ff9ebd09c0cb3d2aed18b11077585839fb5db80193b62d74528f6c9',
  'sensor_msgs/msg/Image': 'RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47',
  'sensor_msgs/msg/CompressedImage':
    'RIHS01_15640771531571185e2efc8a100baf923961a4d15d5569652e6cb6691e8e371a',
  'sensor_msgs/msg/CameraInfo': 'RIHS01_b3dfd68ff46c9d56c80fd3bd4ed22c7a4ddce8c8348f2f59c299e73118e7e275',
  'rosgraph_msgs/msg/Clock': 'RIHS01_692f7a66e93a3c83e71765d033b60349ba68023a8c689a79e48078bcb5c58564',
  'tf2_msgs/msg/TFMessage': 'RIHS01_e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
  'vision_msgs/msg/Detection2D': 'RIHS01_0d12b69df5c593b3455b7346fac8205437a7d4bcb09b9e0e0b2dde787ded38ea',
  'vision_msgs/msg/Detection2DArray':
    'RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
  'vision_msgs/msg/Detection3DArray':
    'RIHS01_793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018',
  'vision_msgs/msg/LabelInfo': 'RIHS01_3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783',
  'vision_msgs/msg/VisionInfo': 'RIHS01_95d3116a17484ad91c9a2686e1d54890bbfc3ff6c6a2de137738c4950d45d284',
  'diagnostic_msgs/msg/DiagnosticArray':
    'RIHS01_5a8a36efb05fb25070fa0fb3810290c0e6cd4862b54a8fb975a1ee8dc55a333e',
  'rcl_interfaces/msg/ParameterEvent':
    'RIHS01_043e627780fcad87a22d225bc2a037361dba713fca6a6b9f4b869a5aa0393204',
  'rcl_interfaces/msg/Log': 'RIHS01_e28ce254ca8abc06abf92773b74602cdbf116ed34fbaf294fb9f81da9f318eac',
  'bond/msg/Status': 'RIHS01_87eaccffa254ffffadc0b61600452e8251740f06c25659a2dbda4927fdb1f70a',
  'lifecycle_msgs/msg/TransitionEvent':
    'RIHS01_d5f8873a2f0146498f812d7885c7327ce27e463d36811d8792f35ee38c0d6c38',
  'goshawk_msgs/msg/PerceptionInfo':
    'RIHS01_6da25dacc08094572f134bf29a6058ac4abd596a30ff0ab5fef5dd48d2eda350',
  'goshawk_msgs/msg/ModelEvent': 'RIHS01_bf930f085ae2a4c32d8962fd31a1d16626947ff3d037d900c74a0ebb784eaf66',
  'action_msgs/msg/GoalStatusArray':
    'RIHS01_6c1684b00f177d37438febe6e709fc4e2b0d4248dca4854946f9ed8b30cda83e',
  'goshawk_msgs/action/SwapModel_FeedbackMessage':
    'RIHS01_8cd5c456edd63f59a2545764f78127b27ea3a83fce29f749975557ddf084c169',
  'goshawk_msgs/msg/SynchronizedDetections':
    'RIHS01_135d2acc0bdc5ef67c60462260b4057c1f2a3ac9cfc7c1cca5d30823a14d1239',
  ...observedTypeHashes,
} as const;

export type MessageType = keyof typeof typeHashes;

/** A message whose definition is not ours. */
export interface ForeignType {
  readonly name: string;
  readonly hash: string;
}

export function typeAndHash(type: MessageType | ForeignType): ForeignType {
  return typeof type === 'string' ? { name: type, hash: typeHashes[type] } : type;
}

/** Of `key=value;key=value`, as endpoints of ROS announce it. */
export function hashInUserData(userData: string): string | undefined {
  return /(?:^|;)typehash=(RIHS01_[0-9a-f]{64});/.exec(userData)?.[1];
}

/** Not a message of a user's topic: it announces nodes. */
export const graphType = 'rmw_dds_common/msg/ParticipantEntitiesInfo';
export const graphTypeHash = 'RIHS01_91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e';

/** Of a service's two messages. */
export const serviceTypeHashes = {
  'std_srvs/srv/Trigger': {
    request: 'RIHS01_d010825374ce8918e72bfd826c82603e60f45419e932ea976f807b74a863a199',
    response: 'RIHS01_2d946c21e2fc3f1e9ca6986a8191d85fcc70097a8bb7771a053564bc47009cdf',
  },
  'std_srvs/srv/Empty': {
    request: 'RIHS01_458eaf200a3f63d9cc53d19436edebc0c140ef4c93ca75d5bd4ce19fd7759e35',
    response: 'RIHS01_0a2858b3f60df644a61d0fa44cfc923a3d3628e0ad9c8ad8534b1a2c92a413dc',
  },
  'goshawk_msgs/srv/SetModel': {
    request: 'RIHS01_2c4b758e86dad62da1daf80839603cbc91d47ab2864cf840ad01dbec79db4807',
    response: 'RIHS01_fad644bd776401529d5aadd794abf3d73dccc257cdeaa2b932d483e6a6b40714',
  },
  'goshawk_msgs/srv/Snapshot': {
    request: 'RIHS01_f430aadec570d292d48def1ac157d6c07d6cc22310acec4c83580391b79b32f3',
    response: 'RIHS01_65354f4301d6d7e491e36dd7583affb56ac475637e11dd78f61963a0b392689b',
  },
  'goshawk_msgs/action/SwapModel_SendGoal': {
    request: 'RIHS01_9e90d6282a897665017f4709dd9d2a273bc593f2a3f39d953f26952432b0f9c1',
    response: 'RIHS01_f0effb28a79dd86aeaaa477c0ac89fb5da5b44f5cfcb486b2922b9d632aa8857',
  },
  'goshawk_msgs/action/SwapModel_GetResult': {
    request: 'RIHS01_c7c7b02abac7d1101ecc52591bdd648c800d0557c52c56f7881f6afba926e046',
    response: 'RIHS01_d83164873dff713813136076606b8965bef3bbb5fc774c19afbbf5d1bdb96785',
  },
  'action_msgs/srv/CancelGoal': {
    request: 'RIHS01_3d3c84653c1f96918086887e1dcb236faec88b81a5b14fd4cf4840065bcdf8af',
    response: 'RIHS01_35e682cf3f510e83c70a82a4aac888496dedee56773bf9d8e5e0aa81f9e1c960',
  },
  'std_srvs/srv/SetBool': {
    request: 'RIHS01_c62fbb99d94e1b25e8ef9e109f9581956bb1b3361a45a4e5810c36a90d29932e',
    response: 'RIHS01_d0814e7f7b4880ab77e9c57426c7aa1562ab69f11eef8e2e968812f9cbd0b059',
  },
  'rcl_interfaces/srv/GetParameters': {
    request: 'RIHS01_135a9e1c3d7cebef792f6687d7ddf99949b21a0bd9a320d863a9110a3f5cf4d6',
    response: 'RIHS01_9fa773b46e39cc5d02db6224d8fd520bb9caeeffc2b27c96c1e59431baba9f2a',
  },
  'rcl_interfaces/srv/GetParameterTypes': {
    request: 'RIHS01_87d7ec5ef545d4daa289d500025d31fb2437bc8b8365ca367161c4dac4be33fd',
    response: 'RIHS01_ac1335dce67c478e669434f6ac2fbff34fcd529580f272d3006785ba8b54e47f',
  },
  'rcl_interfaces/srv/SetParameters': {
    request: 'RIHS01_130d46386b7e84ea9ecf60608a4d83cbe5e5cb7c6cc5b712b7a4e3a6c254e932',
    response: 'RIHS01_7a0e8140a0b8d98308fa81a5403a766e610af29a239caf54b7553227906fc266',
  },
  'rcl_interfaces/srv/SetParametersAtomically': {
    request: 'RIHS01_db0bd950ed5ed867a0e90b225e44dea382d762c0762ff3e0ee842190042a59e5',
    response: 'RIHS01_31b1a38c5b0b9d893ee24da45f69638f4561c78461d82d52750f429b534502b8',
  },
  'rcl_interfaces/srv/DescribeParameters': {
    request: 'RIHS01_05dd1c2bc87dec2627105c8070d6f9725c781a4f2ab852975bf105462b82b644',
    response: 'RIHS01_ad6747319613c6131589e062e095b469a46cc764f7d0f12a001a49e6cd893995',
  },
  'rcl_interfaces/srv/ListParameters': {
    request: 'RIHS01_a1b0b5d6b967a5b8ac5bc8563c3ea678f349e312a6a4967227c5a96bc5ce38df',
    response: 'RIHS01_31b937b82de3612426be79f231e386259f97e8dc843e3f2845288b4bfa296bdd',
  },
  'type_description_interfaces/srv/GetTypeDescription': {
    request: 'RIHS01_470f56ccbcf13d55c78c8b735fb12da03e639e5acded994426c89d94778d9e28',
    response: 'RIHS01_648c49d976240861a482f961c5621ddd0d2135d8cce6f297a76d4f6376d93b75',
  },
  'lifecycle_msgs/srv/ChangeState': {
    request: 'RIHS01_d74c6f524e14cade7b67e7297190360ed749264af300524fc1456f27cc2a553a',
    response: 'RIHS01_e1ddfed0271fefe63767aa71561926e4d9eac0f1ddf9e71a8873eb46b36deac2',
  },
  'lifecycle_msgs/srv/GetState': {
    request: 'RIHS01_77a9c844e7975f15bc2221e8bbebafc4d118afb78c7f7071eef91f83f940f2f6',
    response: 'RIHS01_fe249babab472e42cb5653b5d6a6b0c42a003b0fdfb84851aea3fde08760b4f5',
  },
  'lifecycle_msgs/srv/GetAvailableStates': {
    request: 'RIHS01_c2c0c12de6023822f284929577d4ca2862e0501150010966e8a90b632e4424de',
    response: 'RIHS01_223e0dd5bb8a847ebb9532adaf8b5e2a97e6e68e79faeaabd81a45fb32925bd1',
  },
  'lifecycle_msgs/srv/GetAvailableTransitions': {
    request: 'RIHS01_52a73c0b5d7489bee0df6ddb0aec45c41289d223ff225b58fe11d859ac8109a6',
    response: 'RIHS01_4711339461aadf02bcfff797a198de911f885074bd3f2fe9f7b677ef87f0741c',
  },
} as const satisfies Record<ServiceType, { readonly request: string; readonly response: string }>;
