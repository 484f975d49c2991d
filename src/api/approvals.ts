import { type Static, Type } from '@sinclair/typebox';
import { Selector } from './rollout-policy.ts';
import type { RouteTable } from './route.ts';
import { closed, name, timeMs } from './scalars.ts';

export const ApprovalRule = Type.Object(
  { name: name('Unique'), target: Selector },
  { ...closed, description: 'What is ordered for these devices, and this rule, needs a second person' },
);
export type ApprovalRule = Static<typeof ApprovalRule>;

export const ApprovalRules = Type.Object(
  { rules: Type.Array(ApprovalRule, { maxItems: 100, description: 'All of them' }) },
  { ...closed, description: 'Who needs a second person' },
);
export type ApprovalRules = Static<typeof ApprovalRules>;

export const Approval = Type.Object(
  {
    id: Type.String(),
    by: Type.String({ description: 'Who asked: name and id of the token' }),
    action: Type.String({ description: 'As in the audit log' }),
    target: Type.String(),
    detail: Type.String({ description: 'What was asked, as JSON' }),
    rules: Type.Array(Type.String(), { description: 'That ask for a second person' }),
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
  { description: 'Of the last day, newest first' },
);
export type ApprovalList = Static<typeof ApprovalList>;

const ApprovalParams = Type.Object({
  approval: Type.String({ minLength: 1, maxLength: 64, description: 'Id of what waits' }),
});

export const approvalRoutes = {
  'GET /approval-rules': {
    role: 'viewer',
    tag: 'approvals',
    summary: 'Which devices need a second person',
    reply: ApprovalRules,
  },
  'PUT /approval-rules': {
    role: 'admin',
    tag: 'approvals',
    summary: 'Replace these rules; to change one or to take it away needs a second person',
    body: ApprovalRules,
    reply: ApprovalRules,
  },
  'GET /approvals': {
    role: 'operator',
    tag: 'approvals',
    summary: 'What waits for a second person',
    reply: ApprovalList,
  },
  'POST /approvals/:approval/approve': {
    role: 'operator',
    tag: 'approvals',
    summary: 'Let it be done, by somebody else than who asked',
    params: ApprovalParams,
    reply: Approval,
  },
  'POST /approvals/:approval/refuse': {
    role: 'operator',
    tag: 'approvals',
    summary: 'Let it not be done; who asked takes it back so',
    params: ApprovalParams,
  },
  'POST /approvals/:approval/break-glass': {
    role: 'admin',
    tag: 'approvals',
    summary: 'Let it be done without a second person; it is audited and told as an error',
    params: ApprovalParams,
    body: Type.Object(
      { reason: Type.String({ minLength: 1, maxLength: 500, description: 'Why; everybody sees it' }) },
      closed,
    ),
    reply: Approval,
  },
} as const satisfies RouteTable;
