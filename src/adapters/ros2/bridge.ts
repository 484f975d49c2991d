import type { AgentEvent, RobotHost, RobotOrder, RobotReading } from '../../agent/index.ts';
import {
  type Cancel,
  type Clock,
  describeError,
  type Log,
  RateLimitedLog,
  silentLog,
} from '../../base/index.ts';
import type { CallResultOf, RobotReport } from '../../protocol/index.ts';
import {
  Allowance,
  type BoardChange,
  DiagnosticsBoard,
  qosProfiles,
  type RosEndpoint,
  type RosNode,
  readDiagnostics,
} from '../../ros2/index.ts';
import type { RobotBridge } from './bridge-settings.ts';
import { messageTexts } from './message-folders.ts';
import { RobotServices } from './robot-services.ts';
import { RobotTopic } from './robot-topic.ts';
import { ServiceFinder } from './service-finder.ts';
import { TypeFinder } from './type-finder.ts';

export interface RosBridgeOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly bridge: RobotBridge;
  readonly reportEvent: (event: AgentEvent) => unknown;
  readonly log?: Log;
}

const lookEveryMs = 1_000;
/** Of everything here. */
const eventsPerHour = 120;
/** Messages of /diagnostics that are read, of all nodes together. */
const diagnosticsPerSecond = 50;
/** Reports because a part of the robot changed; what is left over is in the next one. */
const reportsPerHour = 60;
const mostProblems = 32;
const maxDiagnosticsBytes = 256 << 10;
/** So often the log says that parts of the robot are left out. */
const leftOutEveryMs = 600_000;

/**
 * What a robot's own nodes say, for the fleet: topics as metrics and events, diagnostics as health; and calls of the fleet as
 * services of the robot, of those that the settings name. All of it goes the way of the device's own metrics and events, in
 * its budget of bytes.
 *
 * What could go wrong, and what happens
 * - a topic that floods: ten messages a second are read, and always the last one; the others are let go
 * - a message that can't be read, or is too large: left out; told once in a while
 * - more than 128 parts on /diagnostics: those that are well give way to others; the log says that there are more
 * - a type that is not shipped and that nobody describes: told, and looked for again every 30 s
 * - changes without an end: 120 events and 60 reports an hour; what is left out is counted in the next one
 * - a service that does not answer: the call says so after 10 s
 */
export class RosBridge implements RobotHost {
  readonly #options: RosBridgeOptions;
  readonly #log: RateLimitedLog;
  readonly #topics = new Map<string, RobotTopic>();
  readonly #board: DiagnosticsBoard;
  readonly #endpoints: RosEndpoint[] = [];
  readonly #events = new Allowance(eventsPerHour, 3_600_000);
  readonly #reports = new Allowance(reportsPerHour, 3_600_000);
  readonly #heard = new Allowance(diagnosticsPerSecond, 1000);
  readonly #services: RobotServices;
  readonly #cancel: Cancel;
  #listener: () => void = () => {};
  #leftOut = 0;
  #unreported = false;
  /** Statuses of parts without room when the log said so last, and when that was. */
  #crowded = { leftOut: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(options: RosBridgeOptions) {
    const { node, clock, bridge, log = silentLog } = options;
    this.#options = options;
    this.#log = new RateLimitedLog(log, clock);
    this.#board = new DiagnosticsBoard(`${node.name.name}: `);
    const textOf = messageTexts(bridge.messages);
    const types = new TypeFinder({ node, textOf });
    const finder = new ServiceFinder({ node, textOf });
    this.#services = new RobotServices({ node, clock, log, finder, services: bridge.services });
    for (const [name, topic] of bridge.topics) {
      const observed = new RobotTopic(name, topic, {
        ...{ node, types },
        nowMs: () => clock.monotonicMs(),
        onDamage: (error) => this.#damaged(topic.topic, error),
        onUnknown: (error) => this.#unknown(topic.topic, error),
      });
      this.#topics.set(name, observed);
    }
    if (bridge.diagnostics) this.#endpoints.push(this.#listen());
    this.#cancel = clock.every(lookEveryMs, () => this.#look());
  }

  readings(): RobotReading[] {
    return [...this.#topics].flatMap(([name, topic]) => [
      ...topic.values().map(({ field, value }) => ({ name, field, value })),
      ...(topic.alive ? [] : [{ name, field: undefined, value: undefined }]),
    ]);
  }

  report(): RobotReport | undefined {
    const { bridge, clock } = this.#options;
    if (!bridge.diagnostics) return undefined;
    const offsetMs = clock.wallMs() - clock.monotonicMs();
    const problems = this.#board
      .problems()
      .slice(0, mostProblems)
      .map(({ name, level, message, sinceMs }) => ({
        ...{ name: name === '' ? 'unnamed' : name, level, message },
        sinceMs: Math.max(0, Math.round(sinceMs + offsetMs)),
      }));
    return { parts: this.#board.parts, problems };
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  call(order: RobotOrder): Promise<CallResultOf<'robot'>> {
    return this.#services.call(order);
  }

  close(): void {
    this.#cancel();
    for (const part of [...this.#topics.values(), ...this.#endpoints]) part.close();
  }

  #listen(): RosEndpoint {
    const { node, clock } = this.#options;
    return node.subscribe({
      ...{ topic: '/diagnostics', type: 'diagnostic_msgs/msg/DiagnosticArray', queue: 10 },
      ...{ qos: { ...qosProfiles.standard, reliability: 'best_effort' }, maxBytes: maxDiagnosticsBytes },
      onMessage: ({ bytes, release }) => {
        try {
          const nowMs = clock.monotonicMs();
          if (this.#heard.take(nowMs)) this.#board.take(readDiagnostics(bytes).statuses, nowMs);
        } catch (error) {
          this.#damaged('/diagnostics', error);
        } finally {
          release();
        }
      },
    });
  }

  #look(): void {
    const { bridge, clock } = this.#options;
    for (const topic of this.#topics.values()) topic.look();
    for (const [name, topic] of this.#topics)
      for (const { field, from, to } of topic.changes())
        this.#tell({
          kind: 'robot.changed',
          severity: 'info',
          message: `${name}: ${field} is ${to}${from === undefined ? '' : `, and was ${from}`}.`,
          data: { name, topic: bridge.topics.get(name)?.topic, field, from, to },
        });
    this.#tellCrowd(clock.monotonicMs());
    const changes = this.#board.changes(clock.monotonicMs());
    for (const change of changes) this.#tell(eventOf(change));
    this.#unreported ||= changes.length > 0;
    if (!this.#unreported || !this.#reports.take(clock.monotonicMs())) return;
    this.#unreported = false;
    this.#listener();
  }

  #tellCrowd(nowMs: number): void {
    const { leftOut, parts } = this.#board;
    if (leftOut === this.#crowded.leftOut || nowMs - this.#crowded.atMs < leftOutEveryMs) return;
    this.#crowded = { leftOut, atMs: nowMs };
    this.#options.log?.warn('The robot has more parts on /diagnostics than are known', { parts, leftOut });
  }

  #tell(event: AgentEvent): void {
    if (!this.#events.take(this.#options.clock.monotonicMs())) {
      this.#leftOut += 1;
      return;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    this.#options.reportEvent(leftOut === 0 ? event : { ...event, data: { ...event.data, leftOut } });
  }

  #unknown(topic: string, error: unknown): void {
    const reason = describeError(error);
    this.#log.warn(`type of ${topic}`, 'A topic of the robot is not observed', { topic, reason });
  }

  #damaged(topic: string, error: unknown): void {
    this.#log.warn(topic, 'A message of the robot cannot be read', { topic, reason: describeError(error) });
  }
}

function eventOf({ name, level, message, forgotten }: BoardChange): AgentEvent {
  const said = message === '' ? '' : `: ${message}`;
  const data = { name, level, ...(forgotten === true ? { forgotten } : {}) };
  if (forgotten === true) {
    const text = `${name} is forgotten: ${message}.`;
    return { kind: 'robot.recovered', severity: 'info', message: text, data };
  }
  if (level === 'ok')
    return { kind: 'robot.recovered', severity: 'info', message: `${name} is well again.`, data };
  const severity = level === 'error' ? 'error' : 'warning';
  return { kind: 'robot.fault', severity, message: `${name} is in state ${level}${said}.`, data };
}
