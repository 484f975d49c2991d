import { type Static, Type } from '@sinclair/typebox';

export const RosSync = Type.Object(
  {
    cameras: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 2,
      maxItems: 16,
      uniqueItems: true,
      description: 'Cameras of this device, in the order of the message',
    }),
    slopMs: Type.Number({
      minimum: 0,
      maximum: 10_000,
      default: 50,
      description: 'So far apart may the stamps of one message be',
    }),
    queue: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'Results of one camera that wait for the others; the oldest gives way',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Detections of several cameras whose pictures were taken at about the same time, as one message on `~/synchronized`',
  },
);
export type RosSync = Static<typeof RosSync>;

export const RosSettings = Type.Object(
  {
    node: Type.String({
      default: '/goshawk',
      minLength: 1,
      description: 'Name in the ROS 2 graph, with namespace; the domain is ROS_DOMAIN_ID’s',
    }),
    remap: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Other names for topics, each `from:=to`',
    }),
    adapter: Type.Union(
      [Type.Literal('auto'), Type.Literal('dds'), Type.Literal('fastdds'), Type.Literal('rclnodejs')],
      {
        default: 'auto',
        description:
          'What reaches ROS 2: `dds` (Cyclone DDS) and `fastdds` need no ROS 2, `rclnodejs` does; `auto`: what RMW_IMPLEMENTATION, the ROS 2 of the machine or else the nodes of the graph speak, of what is there',
      },
    ),
    qos: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'QoS of `detections`, `tracks`, `info` or `annotated`, each `detections?reliability=best_effort&depth=1`',
    }),
    bond: Type.Boolean({
      default: false,
      description: 'Keeps the bond that nav2’s lifecycle manager asks of its nodes (bond_timeout above 0)',
    }),
    models: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      maxItems: 16,
      description:
        'Bundles that the ROS graph may choose (`~/set_model`, `~/swap_model`) beside the model that serves and the one before; the fleet’s next order goes before',
    }),
    sync: Type.Optional(RosSync),
    autoActivate: Type.Boolean({
      default: true,
      description:
        'Published cameras take frames from the start; false: when a lifecycle manager of ROS 2 configures and activates the node',
    }),
  },
  { additionalProperties: false },
);
export type RosSettings = Static<typeof RosSettings>;
