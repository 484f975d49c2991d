import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type GoalInfo, readGoalId, readGoalInfo, writeGoalInfo } from './actions.ts';
import { type Header, writeHeader, writeTime } from './header.ts';

/** A model by its name and version. */
export interface ModelName {
  readonly name: string;
  readonly version: string;
}

/** goshawk_msgs/action/SwapModel_Result. */
export interface SwapResult {
  readonly ok: boolean;
  readonly digest: string;
  /** Empty where it is ok. */
  readonly reason: string;
}

/** goshawk_msgs, and action_msgs as far as it is served. */
export interface GoshawkServices {
  'goshawk_msgs/srv/SetModel': {
    request: ModelName;
    response: { readonly success: boolean; readonly message: string; readonly digest: string };
  };
  'goshawk_msgs/srv/Snapshot': {
    request: { readonly camera: string; readonly annotated: boolean };
    response: {
      readonly success: boolean;
      readonly message: string;
      readonly picture?:
        | { readonly header: Header; readonly format: string; readonly data: Uint8Array }
        | undefined;
    };
  };
  'goshawk_msgs/action/SwapModel_SendGoal': {
    request: { readonly goalId: string; readonly goal: ModelName };
    response: { readonly accepted: boolean; readonly stampNs: bigint };
  };
  'goshawk_msgs/action/SwapModel_GetResult': {
    request: { readonly goalId: string };
    response: { readonly status: number; readonly result: SwapResult };
  };
  'action_msgs/srv/CancelGoal': {
    request: { readonly goal: GoalInfo };
    response: { readonly returnCode: number; readonly canceling: readonly GoalInfo[] };
  };
}

type Codecs = {
  readonly [Type in keyof GoshawkServices]: {
    readRequest(reader: CdrReader): GoshawkServices[Type]['request'];
    writeResponse(writer: CdrWriter, response: GoshawkServices[Type]['response']): void;
  };
};

const readModel = (reader: CdrReader): ModelName => ({
  name: reader.string('name'),
  version: reader.string('version'),
});
const noPicture = { header: { stampNs: 0n, frameId: '' }, format: '', data: new Uint8Array() };

export const goshawkServiceCodecs: Codecs = {
  'goshawk_msgs/srv/SetModel': {
    readRequest: readModel,
    writeResponse: (writer, { success, message, digest }) => {
      writer.boolean(success);
      writer.string(message);
      writer.string(digest);
    },
  },
  'goshawk_msgs/srv/Snapshot': {
    readRequest: (reader) => ({ camera: reader.string('camera'), annotated: reader.boolean('annotated') }),
    writeResponse: (writer, { success, message, picture = noPicture }) => {
      writer.boolean(success);
      writer.string(message);
      writeHeader(writer, picture.header);
      writer.string(picture.format);
      writer.octets(picture.data);
    },
  },
  'goshawk_msgs/action/SwapModel_SendGoal': {
    readRequest: (reader) => ({ goalId: readGoalId(reader, 'goal_id'), goal: readModel(reader) }),
    writeResponse: (writer, { accepted, stampNs }) => {
      writer.boolean(accepted);
      writeTime(writer, stampNs);
    },
  },
  'goshawk_msgs/action/SwapModel_GetResult': {
    readRequest: (reader) => ({ goalId: readGoalId(reader, 'goal_id') }),
    writeResponse: (writer, { status, result }) => {
      writer.int8(status);
      writer.boolean(result.ok);
      writer.string(result.digest);
      writer.string(result.reason);
    },
  },
  'action_msgs/srv/CancelGoal': {
    readRequest: (reader) => ({ goal: readGoalInfo(reader, 'goal_info') }),
    writeResponse: (writer, { returnCode, canceling }) => {
      writer.int8(returnCode);
      writer.uint32(canceling.length);
      for (const goal of canceling) writeGoalInfo(writer, goal);
    },
  },
};
