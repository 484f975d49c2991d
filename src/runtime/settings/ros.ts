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
      description: 'Largest difference between the stamps of one message',
    }),
    queue: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'Most results of one camera that wait for the others; the oldest is dropped',
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

const RosBridgeSettings = Type.Object(
  {
    topics: Type.Record(
      Type.String({ pattern: robotName }),
      Type.Object(
        {
          topic: RosName,
          type: Type.String({
            minLength: 1,
            description:
              'package/msg/Name; a type that is not shipped is read from the description of its publisher, or from `messages`; docs/ros2-bridge.md',
          }),
          fields: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
            minItems: 1,
            maxItems: 16,
            description:
              'Field as it is named in the message: `percentage`, `twist.twist.linear.x`, `cell_voltage[0]`',
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
                'How the messages between two batches of metrics become one value; `changed`: an event when the value changes',
            },
          ),
          least: Type.Number({
            minimum: 0,
            default: 0,
            description: 'For `changed`: smaller differences of a number are ignored',
          }),
          everySeconds: Type.Number({
            minimum: 1,
            maximum: 86_400,
            default: 10,
            description: 'For `changed`: shortest time between two events of a field',
          }),
        },
        { additionalProperties: false, default: {} },
      ),
      {
        maxProperties: 32,
        additionalProperties: false,
        default: {},
        description: 'Services by the name that the fleet sees',
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
      description: 'Take the messages of other nodes on /diagnostics as health of this device, and as events',
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
                description: 'Fields of the request with a fixed value; the fleet gives only the others',
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
        description: 'Services of the robot that the fleet may call',
      },
    ),
  },
  {
    additionalProperties: false,
    description:
      'Bridge between the nodes of the robot and the fleet: topics to the fleet, calls from it; docs/ros2-bridge.md',
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
          'Adapter for ROS 2: `dds` (Cyclone DDS) and `fastdds` work without a ROS 2 installation, `rclnodejs` needs one; `auto`: the installed one that matches RMW_IMPLEMENTATION, otherwise the ROS 2 of the machine, otherwise the nodes of the graph',
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
        'Bundles that the ROS graph may choose (`~/set_model`, `~/swap_model`) beside the current and the previous model; the next order of the fleet overrides the choice',
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
