import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../integration/goshawk.ts';

/** Chapters of docs/errors.md whose codes the command line makes on your own machine. */
const ownMachine = ['Command line and settings', 'Frames and pictures', 'Models, bundles and engines'];

/** The other chapters, and why their codes need no entry: a page of their subject has its own table, or the answer names all. */
const otherChapters: Readonly<Record<string, string>> = {
  'Optimizing a model': 'one command, whose report names the layer and the option',
  Drift: 'one command, and states that the drift page explains',
  Enrolment: 'the pages on enrolment, device keys and EST list what can fail',
  'Device agent, outbox and downloads': 'met in events and in the log of a device, each with its remedy',
  'Updates of the agent': 'one command, which names the file of the release',
  'Images of boards': 'one command, which names the board, the disk or the partition',
  'Broker and protocol': 'made from messages of a device, or in the log of the broker',
  'ROS 2': 'its own page of troubleshooting',
  'Streams of results': 'options of one command, which names them',
  'Requests with a picture': 'answers to a program, which names the input',
  'Controller and its HTTP API':
    'answers to a request: each names the field, the role or the name that does not fit',
};

/** Codes of these chapters that need no entry by symptom, by reason. */
const withoutEntry: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'an option or a name that you typed: the message names it and says what fits': [
    'claim-missing',
    'confirmation-missing',
    'device-missing',
    'empty-range',
    'event-kind-unknown',
    'group-unknown',
    'member-unknown',
    'key-unknown',
    'passphrase-missing',
    'passphrase-other',
    'passphrase-short',
    'pin-missing',
    'release-lower',
    'model-version-signed',
    'registry-version-taken',
    'robot-request-json',
    'ros-parameter',
    'run-not-managed',
    'run-swap-frames',
    'settings-empty',
    'slot-main',
    'slot-name',
    'slot-twice',
    'slot-unknown',
    'target-missing',
    'onvif-address',
    'onvif-interface',
    'camera-address',
    'camera-kind',
    'camera-twice',
    'camera-unknown',
    'csi-source',
    'gst-pipeline',
    'v4l2-source',
    'street-source',
    'street-options',
    'decoder-module',
    'digest-form',
    'reference-form',
    'pad-range',
    'sealed-nobody',
    'model-output-name',
    'model-input-name',
    'layout-choice',
    'evaluate-task',
    'dla-variant',
    'ros-discovery-range',
    'engine-lock-memory',
  ],
  'a file that you gave: the message names it, with the line or the field and what fits': [
    'audit-form',
    'fleet-file',
    'file-too-large',
    'file-folder',
    'file-missing',
    'file-not-folder',
    'key-form',
    'key-private',
    'key-there',
    'osv-empty',
    'osv-invalid',
    'osv-too-many',
    'rules-file',
    'trust-file-there',
    'trust-incomplete',
    'trust-made-ahead',
    'trust-too-long',
    'trust-unreadable',
    'yaml-circle',
    'yaml-large',
    'pictures-missing',
    /^(manifest|artifact|labels|line|rule|rules|zone|golden)-/,
    'crop-classes',
    'decoder-export',
    'decoder-file',
    'embedding-shape',
    'evaluation-labels',
    'frame-damaged',
    'profile-size',
    'layout-size',
    'transfer-index',
    'sign-key-missing',
    'sign-tool-missing',
    'sign-failed',
    'video-size',
    'onvif-too-much',
    'camera-picture-size',
  ],
  'a network whose inputs or outputs do not fit: the message names the tensor and its shape': [
    'model-batch-fixed',
    'model-input-range',
    'model-inputs',
    'model-output-type',
    'native-open-rows',
    'tensor-size',
  ],
  'the cause from below, which is the message; the remedy says what to try': [
    'failed',
    'file-failed',
    'camera-close',
    'picture-unreadable',
    'replay-failed',
    'result-refused',
    'ros-message',
    'sink-failed',
    'street-worker',
    'onvif-died',
    'detector-crashed',
    'trust-disk',
    'engine-cache',
    'dds-middleware',
    'rclnodejs-type',
    'ros-reply-not-taken',
    'engine-offer',
    'engine-plan',
    'zstd-frame',
    'clip-disk-full',
    'clip-encoder',
    'clip-ffmpeg',
    'clip-ring-damaged',
    'clips-decoder',
    /^native-(bad|busy|corrupt|engine|incompatible|memory|model|no|not-found|process|timeout|unsupported)/,
  ],
  'not met by you: you wanted it, or it is a defect that you are asked to report': [
    'cancelled',
    'queue-twice',
    'queue-unknown',
    'detector-failed',
    'native-internal',
    'native-invalid',
    'model-missing',
    'street-open',
    'v4l2-system',
    'frame-encoding',
    'frame-short',
    'frame-size',
    'frame-step',
    'variant-not-lighter',
  ],
};

const read = (page: string) => readFileSync(join(projectRoot, 'docs', page), 'utf8');
const chapters = read('errors.md').split(/^## /m).slice(1);
const codesOf = (chapter: string) => [...chapter.matchAll(/^\| `([^`]+)`/gm)].map(([, code = '']) => code);
const all = new Set(chapters.flatMap(codesOf));
const met = new Set(
  chapters.filter((chapter) => ownMachine.some((title) => chapter.startsWith(title))).flatMap(codesOf),
);
/** Words in backticks of two parts or more: nothing else on the page is written so. */
const onPage = new Set(
  [...read('troubleshooting.md').matchAll(/`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`/g)].map(([, code = '']) => code),
);
const excepted = (code: string) =>
  Object.values(withoutEntry)
    .flat()
    .some((one) => (typeof one === 'string' ? one === code : one.test(code)));

describe('The troubleshooting page', () => {
  it('has every code that a command makes on your machine, or a reason why not', () => {
    expect(met.size).toBeGreaterThan(250);
    expect([...met].filter((code) => !onPage.has(code) && !excepted(code))).toEqual([]);
  });

  it('knows each chapter of the errors', () => {
    const titles = chapters.map((chapter) => chapter.slice(0, chapter.indexOf('\n')));
    expect([...titles].sort()).toEqual([...ownMachine, ...Object.keys(otherChapters)].sort());
  });

  it('names no code that does not exist', () => {
    expect([...onPage].filter((code) => !all.has(code))).toEqual([]);
  });

  it('is excepted from codes that exist and that it does not have, and from no others', () => {
    const named = Object.values(withoutEntry).flat();
    const texts = named.filter((one) => typeof one === 'string');
    expect(texts.filter((code) => !met.has(code) || onPage.has(code))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
    for (const pattern of named.filter((one) => typeof one !== 'string'))
      expect([...met].some((code) => pattern.test(code))).toBe(true);
  });
});
