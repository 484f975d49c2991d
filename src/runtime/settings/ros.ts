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

/** Of an entry in the settings: what the fleet reads. */
const robotName = '^[a-z][a-z0-9_-]{0,31}$';
/** `/battery_state`, or below the node: `~/x`. */
const RosName = Type.String({ minLength: 1, maxLength: 200, pattern: '^[~/A-Za-z_][A-Za-z0-9_/]*$' });

export const RosBridgeSettings = Type.Object(
  {
    topics: Type.Record(
      Type.String({ pattern: robotName }),
      Type.Object(
        {
          topic: RosName,
          type: Type.String({
            minLength: 1,
            description:
              'package/msg/Name; what is not shipped is read as its publisher describes it, or by `messages`; docs/ros2-bridge.md',
          }),
          fields: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
            minItems: 1,
            maxItems: 16,
            description: 'As in the message: `percentage`, `twist.twist.linear.x`, `cell_voltage[0]`',
          }),
          reduce: Type.Union(
            [
              Type.Literal('latest'),
              Type.Literal('mean'),
              Type.Literal('min'),
              Type.Literal('max'),
              Type.Literal('changed'),
            ],
            {
              default: 'latest',
              description:
                'Of the messages between two batches of metrics; `changed`: an event when the value is another',
            },
          ),
          least: Type.Number({
            minimum: 0,
            default: 0,
            description: 'Of `changed`: a number that differs by less is the same',
          }),
          everySeconds: Type.Number({
            minimum: 1,
            maximum: 86_400,
            default: 10,
            description: 'Of `changed`: at most one event of a field in so long',
          }),
        },
        { additionalProperties: false, default: {} },
      ),
      {
        maxProperties: 32,
        additionalProperties: false,
        default: {},
        description: 'By the name that the fleet sees',
      },
    ),
    messages: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      maxItems: 16,
      description:
        'Folders with the definitions of messages and services that are not shipped, `<folder>/<package>/msg/<Name>.msg` and `.../srv/<Name>.srv`, e.g. /opt/ros/humble/share; those of the ROS 2 that is sourced come after them',
    }),
    diagnostics: Type.Boolean({
      default: false,
      description: 'What other nodes say on /diagnostics becomes health of this device, and events',
    }),
    services: Type.Record(
      Type.String({ pattern: robotName }),
      Type.Object(
        {
          service: RosName,
          type: Type.String({
            minLength: 1,
            maxLength: 200,
            description:
              'package/srv/Name; beside std_srvs and rcl_interfaces its .srv file has to be in a folder of `messages`; docs/ros2-bridge.md',
          }),
          request: Type.Optional(
            Type.Record(
              Type.String(),
              Type.Unknown({
                description: 'A field of the request that is always so; the fleet gives the others alone',
              }),
            ),
          ),
        },
        { additionalProperties: false },
      ),
      {
        maxProperties: 32,
        additionalProperties: false,
        default: {},
        description: 'The services of the robot that the fleet may call, and no other',
      },
    ),
  },
  {
    additionalProperties: false,
    description:
      'What the robot’s own nodes say goes to the fleet, and calls of the fleet to them; docs/ros2-bridge.md',
  },
);

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
    useSimTime: Type.Boolean({
      default: false,
      description: '`use_sim_time` of the node from the start: its stamps are those of /clock',
    }),
    models: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      maxItems: 16,
      description:
        'Bundles that the ROS graph may choose (`~/set_model`, `~/swap_model`) beside the model that serves and the one before; the fleet’s next order goes before',
    }),
    sync: Type.Optional(RosSync),
    bridge: Type.Optional(RosBridgeSettings),
    autoActivate: Type.Boolean({
      default: true,
      description:
        'Published cameras take frames from the start; false: when a lifecycle manager of ROS 2 configures and activates the node',
    }),
  },
  { additionalProperties: false },
);
export type RosSettings = Static<typeof RosSettings>;
