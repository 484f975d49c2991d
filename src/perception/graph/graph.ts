import { InputError } from '../../base/index.ts';
import { namePattern } from './names.ts';
import { type GraphNode, graphNode, type NodeSettings } from './node-settings.ts';

/** The nodes of one camera, checked. */
export interface Graph {
  /** As they were given. */
  readonly nodes: readonly NodeSettings[];
  /** Serving nodes on frames; the first one is the camera's main node. */
  readonly roots: readonly GraphNode[];
  /** Serving nodes on crops, by the name of the node whose boxes they look at. */
  readonly children: ReadonlyMap<string, readonly GraphNode[]>;
  readonly shadows: readonly GraphNode[];
}

/** A camera has no more nodes than this. */
export const maxNodes = 16;

/** Throws an InputError that says what is wrong with the nodes, and what to do. Whether their models are there is not looked at. */
export function buildGraph(nodes: readonly NodeSettings[]): Graph {
  if (nodes.length === 0 || nodes.length > maxNodes)
    throw wrong(
      'graph-size',
      `A graph has 1 to ${maxNodes} nodes; this one has ${nodes.length}.`,
      'Begin with one node on frames.',
    );
  const byName = new Map<string, NodeSettings>();
  for (const node of nodes) {
    checkNode(node);
    if (byName.has(node.name))
      throw wrong('node-twice', `There are two nodes named "${node.name}".`, 'Give each its own name.');
    byName.set(node.name, node);
  }
  const main = nodes.find(({ input = 'frame', role }) => input === 'frame' && role !== 'shadow');
  for (const node of nodes) checkInput(node, byName);
  checkReid(nodes, byName);
  if (main === undefined)
    throw wrong(
      'graph-no-serve',
      'No node of the graph looks at frames and serves.',
      'Let one node have the input "frame" and the role "serve": its results are what the camera gives.',
    );
  const built = nodes.map((node) => graphNode(node, main.name));
  for (const node of built) if (node.shadow) checkShadow(node, byName);
  const children = new Map<string, GraphNode[]>();
  for (const node of built) {
    if (node.crops === undefined) continue;
    const { node: parent } = node.crops;
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  return {
    nodes,
    roots: built.filter(({ crops, shadow }) => crops === undefined && !shadow),
    children,
    shadows: built.filter(({ shadow }) => shadow),
  };
}

/** Nodes between the frame and each serving node; 0 on frames. */
export function depths({ roots, children }: Graph): Map<string, number> {
  const found = new Map<string, number>();
  const visit = (list: readonly GraphNode[], depth: number) => {
    for (const { name } of list) {
      found.set(name, depth);
      visit(children.get(name) ?? [], depth + 1);
    }
  };
  visit(roots, 0);
  return found;
}

function checkInput(node: NodeSettings, byName: ReadonlyMap<string, NodeSettings>): void {
  const path = [node.name];
  for (let at = node; at.input !== undefined && at.input !== 'frame'; ) {
    const parent = byName.get(at.input.node);
    if (parent === undefined)
      throw wrong(
        'node-unknown',
        `The node "${at.name}" looks at what "${at.input.node}" finds, but there is no such node.`,
        `The nodes are ${[...byName.keys()].join(', ')}.`,
      );
    if (path.includes(parent.name))
      throw wrong(
        'graph-circle',
        `The nodes go in a circle: ${[...path.slice(path.indexOf(parent.name)), parent.name].join(' -> ')}.`,
        'Let one of them look at the frame.',
      );
    if (parent.role === 'shadow')
      throw wrong(
        'node-shadow',
        `The node "${at.name}" hangs on "${parent.name}", which is a shadow: its results go nowhere.`,
        'Let it look at what a serving node finds.',
      );
    path.push(parent.name);
    at = parent;
  }
}

/** One of the nodes on crops of a node on frames says who is who. */
function checkReid(nodes: readonly NodeSettings[], byName: ReadonlyMap<string, NodeSettings>): void {
  const seen = new Map<string, string>();
  for (const { name, input = 'frame', reid } of nodes) {
    if (reid === undefined) continue;
    const parent = input === 'frame' ? undefined : byName.get(input.node);
    if (parent === undefined || (parent.input ?? 'frame') !== 'frame')
      throw wrong(
        'node-reid',
        `The node "${name}" has \`reid\`, and does not look at the boxes of a node on frames.`,
        'Tracks are those of a node on frames: let it look at what such a node finds.',
      );
    const other = seen.get(parent.name);
    if (other !== undefined)
      throw wrong(
        'node-reid',
        `Both "${other}" and "${name}" have \`reid\` for what "${parent.name}" finds.`,
        'Leave it out of one of them.',
      );
    seen.set(parent.name, name);
  }
}

function checkShadow({ name, against, crops }: GraphNode, byName: ReadonlyMap<string, NodeSettings>): void {
  if (crops !== undefined)
    throw wrong(
      'node-shadow',
      `The shadow "${name}" looks at crops; a shadow looks at frames.`,
      'Compare two models for crops with `goshawk model evaluate`, or let the shadow see the frame.',
    );
  const other = byName.get(against);
  if (other === undefined || other.role === 'shadow' || (other.input ?? 'frame') !== 'frame')
    throw wrong(
      'node-shadow',
      `The shadow "${name}" is compared with "${against}", which is no serving node on frames.`,
      'Name one in `against`, or leave it out: then it is the main node.',
    );
}

function checkNode(node: NodeSettings): void {
  const { name, input = 'frame', slot } = node;
  for (const [what, value] of [
    ['node', name],
    ['slot', slot],
  ] as const)
    if (value !== undefined && !namePattern.test(value))
      throw wrong(
        'node-name',
        `"${value}" is no name for a ${what}.`,
        'Begin with a small letter, then small letters, digits and "-", 32 at most.',
      );
  const range = (what: string, value: number | undefined, least: number, most: number, whole = false) => {
    if (value === undefined || (value >= least && value <= most && (!whole || Number.isInteger(value))))
      return;
    throw wrong(
      'node-range',
      `${what} of the node "${name}" is ${value}; it must be ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}.`,
      'Leave it out for the usual value.',
    );
  };
  range('every', node.every, 1, 100_000, true);
  range('weight', node.weight, 0.001, 1000);
  range('deadlineMs', node.deadlineMs, 1, 3_600_000);
  range('budget', node.budget, 0.001, 1);
  range('reid.maxDistance', node.reid?.maxDistance, 0, 2);
  range('reid.weight', node.reid?.weight, 0, 1);
  range('reid.keepSeconds', node.reid?.keepSeconds, 0, 86_400);
  if (node.onMotion !== undefined && node.onMotion !== true)
    range('onMotion.threshold', node.onMotion.threshold, 0, 1);
  if (input === 'frame') return;
  range('minScore', input.minScore, 0, 1);
  range('expand', input.expand, 0, 4);
  range('maxCrops', input.maxCrops, 1, 64, true);
  if (node.onMotion !== undefined)
    throw wrong(
      'node-motion',
      `The node "${name}" looks at crops, and motion is seen in frames.`,
      `Set onMotion on the node "${input.node}", whose boxes it looks at.`,
    );
}

function wrong(code: string, message: string, remedy: string): InputError {
  return new InputError(code, message, remedy);
}
