import { parse } from '@foxglove/rosmsg';
import { MessageWriter } from '@foxglove/rosmsg2-serialization';
import { type BridgeSettings, parseBridge, RosBridge } from '../../../../src/adapters/ros2/index.ts';
import type { AgentEvent } from '../../../../src/agent/index.ts';
import { CdrWriter, qosProfiles, writeDiagnostics } from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

/** As a driver sends it; by a library that knows the message from its definition. */
const batteryText = `std_msgs/Header header
float32 voltage
float32 temperature
float32 current
float32 charge
float32 capacity
float32 design_capacity
float32 percentage
uint8 power_supply_status
uint8 power_supply_health
uint8 power_supply_technology
bool present
float32[] cell_voltage
float32[] cell_temperature
string location
string serial_number
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id`;
const batteryWriter = new MessageWriter(parse(batteryText, { ros2: true }));
export const battery = (percentage: number, voltage = 24, location = 'left') =>
  Uint8Array.from(batteryWriter.writeMessage({ percentage, voltage, location, cell_voltage: [3.5, 4] }));

export const usual: BridgeSettings = {
  topics: {
    battery: {
      ...{
        topic: '/battery',
        type: 'sensor_msgs/msg/BatteryState',
        fields: ['percentage', 'cell_voltage[1]'],
      },
      ...{ reduce: 'mean', least: 0, everySeconds: 10 },
    },
    slot: {
      ...{ topic: '/battery', type: 'sensor_msgs/msg/BatteryState', fields: ['location'] },
      ...{ reduce: 'changed', least: 0, everySeconds: 10 },
    },
  },
  services: {
    lights: { service: '/lights', type: 'std_srvs/srv/SetBool' },
    dock: { service: '/dock', type: 'std_srvs/srv/Trigger' },
    stop: { service: '/stop', type: 'std_srvs/srv/Empty' },
  },
  diagnostics: true,
};

const closing: (() => void)[] = [];

/** After each test. */
export function closeBridges(): void {
  for (const close of closing.splice(0)) close();
}

/** A bridge beside the robot that it observes. */
export function bridged(settings: BridgeSettings = usual) {
  const graph = new FakeRosGraph();
  const clock = new FakeClock(1_000_000);
  const log = new RecordingLog();
  const events: AgentEvent[] = [];
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const robot = graph.join({ namespace: '/', name: 'robot' });
  const bridge = new RosBridge({
    ...{ node, clock, log, bridge: parseBridge(settings) },
    reportEvent: (event) => events.push(event),
  });
  closing.push(() => bridge.close());
  const batteries = robot.advertise('/battery', 'sensor_msgs/msg/BatteryState', qosProfiles.standard);
  const diagnostics = robot.advertise(
    '/diagnostics',
    'diagnostic_msgs/msg/DiagnosticArray',
    qosProfiles.standard,
  );
  const diagnose = async (name: string, level: number, message: string) => {
    const statuses = [{ name, level, message, hardwareId: '', values: {} }];
    diagnostics.publish(writeDiagnostics(new CdrWriter(), { stampNs: 0n, frameId: '' }, statuses));
    await settle();
  };
  const tell = async (bytes: Uint8Array, afterMs = 100) => {
    clock.advance(afterMs);
    batteries.publish(bytes);
    await settle();
  };
  return { graph, clock, log, events, robot, bridge, tell, diagnose };
}
