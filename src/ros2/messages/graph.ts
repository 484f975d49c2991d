import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** Octets of rmw_dds_common/msg/Gid: 24 up to Humble and Iron's predecessor releases, 16 from Iron and in Jazzy. */
export type GidSize = 16 | 24;

export interface GraphNode {
  /** With a slash in front, `/` for none. */
  readonly namespace: string;
  readonly name: string;
  readonly readers: readonly Uint8Array[];
  readonly writers: readonly Uint8Array[];
}

/** rmw_dds_common/msg/ParticipantEntitiesInfo: which nodes a DDS participant holds; what `ros2 node list` reads. */
export interface ParticipantEntities {
  readonly participant: Uint8Array;
  readonly nodes: readonly GraphNode[];
}

/** GUIDs of 16 octets; the rest of a longer Gid is zero. */
export function writeParticipantEntities(
  writer: CdrWriter,
  { participant, nodes }: ParticipantEntities,
  gidSize: GidSize,
): Uint8Array {
  const gid = (guid: Uint8Array) => {
    const octets = new Uint8Array(gidSize);
    octets.set(guid.subarray(0, gidSize));
    writer.fixedOctets(octets);
  };
  const gids = (guids: readonly Uint8Array[]) => {
    writer.uint32(guids.length);
    for (const guid of guids) gid(guid);
  };
  writer.reset();
  gid(participant);
  writer.uint32(nodes.length);
  for (const node of nodes) {
    writer.string(node.namespace);
    writer.string(node.name);
    gids(node.readers);
    gids(node.writers);
  }
  return writer.finish();
}

export function readParticipantEntities(
  bytes: Uint8Array,
  gidSize: GidSize,
  limits: CdrLimits = defaultCdrLimits,
): ParticipantEntities {
  const reader = new CdrReader(bytes, 'rmw_dds_common/msg/ParticipantEntitiesInfo', limits);
  const gids = (field: string) => {
    const found: Uint8Array[] = [];
    const count = reader.sequence(field, gidSize);
    for (let index = 0; index < count; index += 1) found.push(reader.fixedOctets(gidSize, field));
    return found;
  };
  const participant = reader.fixedOctets(gidSize, 'gid');
  const nodes: GraphNode[] = [];
  const count = reader.sequence('node_entities_info_seq', 18);
  for (let index = 0; index < count; index += 1) {
    const namespace = reader.string('node_namespace');
    const name = reader.string('node_name');
    const readers = gids('reader_gid_seq');
    nodes.push({ namespace, name, readers, writers: gids('writer_gid_seq') });
  }
  return { participant, nodes };
}
