/**
 * An action is three services and two topics; what rosidl makes of goshawk_msgs/action/SwapModel, and what all actions share.
 */
export const actionDefinitions: Readonly<Record<string, string>> = {
  'unique_identifier_msgs/msg/UUID': 'uint8[16] uuid',
  'action_msgs/msg/GoalInfo': 'unique_identifier_msgs/msg/UUID goal_id, builtin_interfaces/msg/Time stamp',
  'action_msgs/msg/GoalStatus': 'action_msgs/msg/GoalInfo goal_info, int8 status',
  'action_msgs/msg/GoalStatusArray': 'action_msgs/msg/GoalStatus[] status_list',
  'action_msgs/srv/CancelGoal_Request': 'action_msgs/msg/GoalInfo goal_info',
  'action_msgs/srv/CancelGoal_Response': 'int8 return_code, action_msgs/msg/GoalInfo[] goals_canceling',
  'goshawk_msgs/action/SwapModel_Goal': 'string name, string version',
  'goshawk_msgs/action/SwapModel_Result': 'bool ok, string digest, string reason',
  'goshawk_msgs/action/SwapModel_Feedback': 'string state, uint8 percent',
  'goshawk_msgs/action/SwapModel_SendGoal_Request':
    'unique_identifier_msgs/msg/UUID goal_id, goshawk_msgs/action/SwapModel_Goal goal',
  'goshawk_msgs/action/SwapModel_SendGoal_Response': 'bool accepted, builtin_interfaces/msg/Time stamp',
  'goshawk_msgs/action/SwapModel_GetResult_Request': 'unique_identifier_msgs/msg/UUID goal_id',
  'goshawk_msgs/action/SwapModel_GetResult_Response':
    'int8 status, goshawk_msgs/action/SwapModel_Result result',
  'goshawk_msgs/action/SwapModel_FeedbackMessage':
    'unique_identifier_msgs/msg/UUID goal_id, goshawk_msgs/action/SwapModel_Feedback feedback',
};
