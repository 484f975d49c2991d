import { type Command, Option } from 'commander';
import { counted, defined, type LogLevel, logLevels } from '../../base/index.ts';
import { engineChoices, isRecording, rosAdapters } from '../../runtime/index.ts';
import { type RunOptions, resultMessage, runPipeline } from '../../workbench/index.ts';
import {
  collect,
  examples,
  finish,
  parseCount,
  parseDuration,
  parseList,
  parseNumber,
  parseOnce,
  workPorts,
} from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printRun, ruleEventLine, undelivered } from '../print/run.ts';
import { variantKinds } from './model.ts';

interface Options extends Omit<RunOptions, 'durationMs'> {
  readonly duration?: number;
  readonly log?: LogLevel;
}

export function runCommand(program: Command): void {
  const command = program
    .command('run')
    .description('run one camera through a model, or a graph of models, without a fleet')
    .requiredOption(
      '--model <bundle>',
      'folder of the bundle; of several, each with its slot: --model main=bundle/ --model plate=plates/',
      collect,
    )
    .option('--graph <file>', 'JSON file with the nodes: which model looks at what (docs/pipelines.md)')
    .option('--rules <file>', 'JSON file with zones and lines in which objects are counted (docs/zones.md)')
    .requiredOption(
      '--source <what>',
      'rtsp://, http:// (MJPEG), v4l2:/dev/video0, csi:0, gst:<pipeline>, a folder of pictures, a picture, a video file, a bag (mcap:<file>, rosbag2:<folder>), ros:<topic>, or sim',
      parseOnce('A run has one camera; `goshawk agent` has several.'),
    )
    .option('--username <name>', 'user name for a network camera whose address has none')
    .option('--password-file <file>', 'file that holds only the password of a network camera')
    .addOption(
      new Option(
        '--memory <where>',
        'pictures of rtsp://, csi: and gst: : device leaves them where the decoder put them, if the engines read them there',
      )
        .choices(['host', 'device'])
        .default('host'),
    )
    .option('--frames <n>', 'stop after so many frames', parseCount())
    .option('--duration <time>', 'stop after this time, e.g. 20s', parseDuration)
    .option('--draw <folder>', 'write every frame with the boxes drawn on it')
    .addOption(
      new Option('--engine <name>', 'engine that runs the network').choices(engineChoices).default('auto'),
    )
    .addOption(new Option('--variant <kind>', 'default: the best for the engine').choices(variantKinds))
    .option('--threads <n>', 'threads of the network', parseCount(), 1)
    .option('--decoder-modules', 'let the module of a bundle run: it is code, so know who made it')
    .option('--score <threshold>', 'smallest score that is reported', parseNumber(0, 1), 0.25)
    .option('--iou <threshold>', 'overlap above which the weaker box is dropped', parseNumber(0, 1), 0.45)
    .option('--classes <names>', 'report only these, by comma', parseList)
    .option('--track', 'follow objects; default: yes, but not over the pictures of a folder')
    .option('--no-track', 'leave the tracker out')
    .option('--realtime', 'play a recording at its own speed; the newest frame wins, as with a camera')
    .option(
      '--fps <rate>',
      'frames per second of sim, and of a folder with --realtime',
      parseNumber(0.1, 240),
      10,
    )
    .option('--loop', 'begin again at the end')
    .option(
      '--publish <where>',
      'ros, mqtt://host/topic, https://host/path, ws://127.0.0.1:8765 (programs and Foxglove), or file.mcap; several times; options behind a #: #rate=5&classes=person (docs/streams.md)',
      collect,
    )
    .addOption(
      new Option(
        '--ros <adapter>',
        'adapter for ROS 2: dds (Cyclone DDS) and fastdds work without a ROS 2 installation, rclnodejs needs one',
      )
        .choices(rosAdapters)
        .default('auto'),
    )
    .option('--ros-node <name>', 'name in the ROS 2 graph, with namespace', '/goshawk')
    .option('--ros-remap <rules>', 'other names for topics, by comma: ~/detections:=/detections', parseList)
    .option(
      '--ros-qos <rules>',
      'QoS of detections, tracks, info or annotated, by comma: detections?reliability=best_effort&depth=1',
      parseList,
    )
    .option(
      '--no-ros-auto-activate',
      'with --publish ros: a lifecycle manager says when to load (configure) and to take frames (activate)',
    )
    .option('--ros-sim-time', 'use_sim_time of ROS 2 from the start: stamps are those of /clock')
    .option(
      '--ros-models <bundles>',
      'with --publish ros: bundles, by comma, that the graph may choose (~/set_model, ~/swap_model)',
      parseList,
    )
    .addOption(
      new Option(
        '--log <level>',
        'level of lines on stderr and /rosout (default: warn, with --publish ros info)',
      ).choices(logLevels),
    )
    .option('--ros-bond', 'keep the bond that nav2’s lifecycle manager asks of its nodes')
    .addHelpText(
      'after',
      '\nExit status 1 if no frame was processed, or if a receiver of --publish got none of the results.',
    )
    .addHelpText(
      'after',
      examples(
        'run --model bundle/ --source street.mp4 --draw drawn/',
        'run --model bundle/ --source rtsp://10.0.0.5/stream1 --username ann --password-file camera.txt',
        'run --model bundle/ --source sim --duration 20s',
        'run --model bundle/ --source ros:/camera/image_raw --publish ros',
        "run --model bundle/ --source rtsp://10.0.0.5/stream1 --publish 'mqtt://localhost/yard/{camera}#rate=5&classes=person'",
        'run --model bundle/ --source street.mp4 --rules rules.json --draw drawn/',
        'run --model main=bundle/ --model plate=plates/ --graph graph.json --source street.mp4',
        'run --model bundle/ --source pictures/ --json | jq -c \'select(.type == "frame") | .detections\'',
      ),
    );
  finish<Options>(command, async (context, { duration, log, ...options }) => {
    const { output, signal } = context;
    const level = output.debug
      ? 'debug'
      : (log ?? (options.publish?.includes('ros') === true ? 'info' : 'warn'));
    const summary = await runPipeline(
      { ...options, ...defined({ durationMs: duration }) },
      {
        ...workPorts(context, level),
        logLevel: level,
        onFrame: (frame) => {
          output.value(resultMessage(frame));
          for (const event of frame.rules?.events ?? []) output.line(ruleEventLine(frame, event));
        },
        drained: () => output.drained(),
      },
    );
    printRun(output, summary);
    if (summary.frames.processed === 0 && duration !== undefined)
      output.note(`No frame was processed within ${output.words({ durationMs: duration })}.`);
    const silent = undelivered(summary);
    for (const { to, produced } of silent)
      output.warn(
        `No result was delivered to ${to}: ${counted(produced, 'result')} lost. Check the address and that it answers.`,
      );
    if (summary.drawn?.failure !== undefined) throw summary.drawn.failure;
    if (silent.length > 0) return exitCodes.failed.code;
    if (signal.aborted) return runsUntilStopped(options) ? 0 : undefined;
    return summary.frames.processed > 0 ? 0 : 1;
  });
}

/** A camera has no end, and a node of a graph is stopped by whoever launched it: a stop is how they end well. */
function runsUntilStopped({ source, publish }: Pick<Options, 'source' | 'publish'>): boolean {
  return publish?.includes('ros') === true || !isRecording(source);
}
