import { type Static, Type } from '@sinclair/typebox';
import type { RouteTable } from './route.ts';
import { closed, name, timeMs } from './scalars.ts';
import { Selector } from './selector.ts';

export const ApprovalRule = Type.Object(
  { name: name('Unique'), target: Selector },
  { ...closed, description: 'Orders for these devices, and changes of this rule, need a second person' },
);
export type ApprovalRule = Static<typeof ApprovalRule>;

export const ApprovalRules = Type.Object(
  { rules: Type.Array(ApprovalRule, { maxItems: 100, description: 'All of them' }) },
  { ...closed, description: 'Devices whose orders need a second person' },
);
export type ApprovalRules = Static<typeof ApprovalRules>;

export const Approval = Type.Object(
  {
    id: Type.String(),
    by: Type.String({ description: 'Requester: name and id of the token' }),
    action: Type.String({ description: 'As in the audit log' }),
    target: Type.String(),
    detail: Type.String({ description: 'The request, as JSON' }),
    rules: Type.Array(Type.String(), { description: 'Rules that ask for a second person' }),
    devices: Type.Array(Type.String(), { description: 'That it changes, the first 100' }),
    askedMs: timeMs(),
    approvedBy: Type.Optional(
      Type.String({ description: 'It may be done once, by who asked, in the same words' }),
    ),
  },
  { description: 'A command that waits for a second person' },
);
export type Approval = Static<typeof Approval>;

export const ApprovalList = Type.Object(
  { approvals: Type.Array(Approval) },
  { description: 'Requests of the last day, newest first' },
);
export type ApprovalList = Static<typeof ApprovalList>;

const ApprovalParams = Type.Object({
  approval: Type.String({ minLength: 1, maxLength: 64, description: 'Id of what waits' }),
});

export const approvalRoutes = {
  'GET /approval-rules': {
    role: 'viewer',
    reach: 'fleet',
    tag: 'approvals',
    summary: 'Which devices need a second person',
    reply: ApprovalRules,
  },
  'PUT /approval-rules': {
    role: 'admin',
    reach: 'fleet',
    tag: 'approvals',
    summary: 'Replace these rules; to change one or to take it away needs a second person',
    body: ApprovalRules,
    reply: ApprovalRules,
  },
  'GET /approvals': {
    role: 'operator',
    reach: 'fleet',
    tag: 'approvals',
    summary: 'List the requests that wait for a second person',
    reply: ApprovalList,
  },
  'POST /approvals/:approval/approve': {
    role: 'operator',
    reach: 'fleet',
    tag: 'approvals',
    summary: 'Approve a request of another person',
    params: ApprovalParams,
    reply: Approval,
  },
  'POST /approvals/:approval/refuse': {
    role: 'operator',
    reach: 'fleet',
    tag: 'approvals',
    summary: 'Refuse a request, or withdraw your own',
    params: ApprovalParams,
  },
  'POST /approvals/:approval/break-glass': {
    role: 'admin',
    reach: 'fleet',
    tag: 'approvals',
    summary: 'Let it be done without a second person; it is audited and told as an error',
    params: ApprovalParams,
    body: Type.Object(
      { reason: Type.String({ minLength: 1, maxLength: 500, description: 'Reason, which all users see' }) },
      closed,
    ),
    reply: Approval,
  },
} as const satisfies RouteTable;
