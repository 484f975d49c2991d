#!/bin/sh
# What the pages of ROS 2 (docs/ros2.md) promise, asked with the tools of ROS 2 itself: one line each, pass or fail; exit status 1 where one fails.
#
#   goshawk run --model bundle/ --source ros:/camera/image_raw --publish ros     in another terminal, with its camera
#   deploy/ros2/check.sh [/goshawk [<model> <version>]]
#
# Needs ros2 on the PATH (source /opt/ros/<distribution>/setup.bash), and for the lines about goshawk_msgs that package, built and sourced.
# It switches the cameras of the node off and on, lets it read its model or settings again, takes it through its life cycle once, and
# swaps to the model that is named, if one is. It sets iou_threshold and use_sim_time and then what they were before, also where it is
# stopped; for some seconds the node's own stamps are those of /clock. `--list` names what it asks, and asks nothing; `--table` asks and prints a table in
# Markdown, as the one in docs/evidence/ros2-commands.md.
set -u
list=no
table=no
case "${1:-}" in
  --list) list=yes; shift ;;
  --table) table=yes; shift ;;
esac
node=${1:-/goshawk}
model=${2:-}
version=${3:-}
limit=${GOSHAWK_CHECK_SECONDS:-15}
failed=0
# From Iron on types have hashes and descriptions.
case "${ROS_DISTRO:-}" in foxy | galactic | humble) hashes=no ;; *) hashes=yes ;; esac

# check <what> <words that the answer has> <command...>: 0 where it passed.
check() {
  what=$1; words=$2; shift 2
  if [ "$list" = yes ]; then printf '%s: %s\n' "$what" "$*"; return 0; fi
  answer=$(timeout "$limit" "$@" 2>&1)
  ended=$?
  if [ $ended = 0 ] && printf '%s\n' "$answer" | grep -q -e "$words"; then
    if [ "$table" = yes ]; then row pass "$@"; return 0; fi
    printf 'pass  %s\n' "$what"
    return 0
  fi
  failed=1
  if [ "$table" = yes ]; then row "**FAIL**: $(printf '%s' "$answer" | tail -1)" "$@"; return 1; fi
  if [ $ended = 124 ]; then what="$what (not done after $limit s; GOSHAWK_CHECK_SECONDS is the limit)"; fi
  printf 'FAIL  %s: %s\n      %s\n' "$what" "$*" "$(printf '%s' "$answer" | tail -1)"
  return 1
}

# row <result> <command...>: what was asked last, as a line of the table. A command in a shell is told by its text alone.
row() {
  result=$1; shift
  if [ "$1" = sh ]; then shift 2; fi
  # shellcheck disable=SC2016
  printf '| %s | `%s` | %s |\n' "$what" "$(printf '%s' "$*" | sed 's/|/\\|/g')" "$(printf '%s' "$result" | sed 's/|/\\|/g')"
}

# skip <what> <why>
skip() {
  if [ "$table" = yes ]; then
    printf '| %s | | not asked: %s |\n' "$1" "$2"
  elif [ "$list" = no ]; then printf 'skip  %s: %s\n' "$1" "$2"; fi
}

# before <parameter>: what it is; nothing where that can't be read, or could not be written in a command as it is.
before() {
  timeout "$limit" ros2 param get "$node" "$1" 2>/dev/null | sed -n 's/^[A-Za-z]* value is: \([A-Za-z0-9.+-]*\)$/\1/p'
}

# back <parameter> <value>
# shellcheck disable=SC2317
back() {
  timeout "$limit" ros2 param set "$node" "$1" "$2" >/dev/null 2>&1 || echo "$1 was $2, and could not be set back." >&2
}

# What is not as it was, and the file that is written.
iou_was=''
sim_was=''
file=''
# shellcheck disable=SC2317
end() {
  if [ -n "$iou_was" ]; then back iou_threshold "$iou_was"; fi
  if [ -n "$sim_was" ]; then back use_sim_time "$sim_was"; fi
  if [ -n "$file" ]; then rm -f "$file"; fi
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The daemon of ros2 hears of a node some time after its own start. Who asks before that is told that there is no such node: it has
# GOSHAWK_CHECK_PATIENCE seconds.
heard() {
  given_up=$(($(date +%s) + ${GOSHAWK_CHECK_PATIENCE:-15}))
  ros2 daemon start >/dev/null 2>&1
  until timeout "$limit" ros2 node info "$node" >/dev/null 2>&1 || [ "$(date +%s)" -ge $given_up ]; do sleep 1; done
}

# As a subscriber that comes later gets what was said before: both, since a reader that is best effort gets nothing from the past.
latched='--qos-durability transient_local --qos-reliability reliable'

if [ "$list" = no ] && ! command -v ros2 >/dev/null; then
  echo 'ros2 is not on the PATH: source /opt/ros/<distribution>/setup.bash' >&2
  exit 2
fi

if [ "$list" = no ]; then heard; fi
if [ "$table" = yes ]; then
  printf '| what | command | %s |\n| --- | --- | --- |\n' "${ROS_DISTRO:-ROS 2}, ${RMW_IMPLEMENTATION:-its default middleware}"
fi

check 'the node is seen' "^$node\$" ros2 node list
check 'its topics are' "$node/detections: vision_msgs/msg/Detection2DArray" ros2 node info "$node"
check 'topics have their types' "$node/detections \[vision_msgs/msg/Detection2DArray\]" ros2 topic list -t
check 'services have their types' "$node/enable \[std_srvs/srv/SetBool\]" ros2 service list -t
if [ $hashes = yes ]; then
  check 'the type hash of detections is' 'RIHS01_214274120007' ros2 topic info -v "$node/detections"
else
  skip 'the type hash of detections is' "ROS 2 $ROS_DISTRO has none"
fi
check 'detections come' 'frame_id' ros2 topic echo --once "$node/detections"
check 'diagnostics come' 'results per second' ros2 topic echo --once /diagnostics
# shellcheck disable=SC2086
check 'a late subscriber gets the classes' 'class_name' ros2 topic echo --once $latched "$node/label_info"
# shellcheck disable=SC2086
check 'its log is on /rosout' 'msg:' ros2 topic echo --once $latched --filter "m.name.endswith('${node##*/}')" /rosout
if [ $hashes = yes ]; then
  check 'a type is described' 'successful=True' ros2 service call "$node/get_type_description" type_description_interfaces/srv/GetTypeDescription '{type_name: vision_msgs/msg/Detection2DArray, type_hash: RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968}'
else
  skip 'a type is described' "ROS 2 $ROS_DISTRO has none"
fi

check 'parameters are listed' 'score_threshold' ros2 param list "$node"
check 'a parameter is got' 'Double value' ros2 param get "$node" score_threshold
check 'a parameter is described with its range' 'Max value: 1.0' ros2 param describe "$node" score_threshold
iou=0.45
sim=false
if [ "$list" = no ]; then
  iou=$(before iou_threshold)
  sim=$(before use_sim_time)
  file=$(mktemp) || exit 2
  export file
fi
case "$iou" in 0.5) other=0.4 ;; *) other=0.5 ;; esac
# Not changed where it can't be set back.
check 'a parameter is set' 'Set parameter successful' ros2 param set "$node" iou_threshold "$iou"
settable=$?
check 'a value out of its range is refused' 'must lie in 0..1' ros2 param set "$node" iou_threshold 1.5
if [ -n "$iou" ] && [ $settable = 0 ]; then
  if [ "$list" = no ]; then iou_was=$iou; fi
  check 'who listens hears of a change' 'iou_threshold' sh -c "(sleep 3; ros2 param set $node iou_threshold $other; sleep 1; ros2 param set $node iou_threshold $iou) >/dev/null 2>&1 & ros2 topic echo --once --filter \"any(each.name == 'iou_threshold' for each in m.changed_parameters)\" /parameter_events; wait \$!" && iou_was=''
else
  failed=1
  skip 'who listens hears of a change' 'iou_threshold cannot be set to what it is'
fi
check 'parameters are dumped' 'ros__parameters' ros2 param dump "$node"
check 'and loaded again' 'Set parameter classes successful' sh -c "ros2 param dump $node > \"\$file\" && ros2 param load $node \"\$file\""
if [ -n "$sim" ]; then
  if [ "$list" = no ]; then sim_was=$sim; fi
  check 'simulated time is taken' 'Set parameter successful' ros2 param set "$node" use_sim_time true
  check 'and set back' 'Set parameter successful' ros2 param set "$node" use_sim_time "$sim" && sim_was=''
else
  failed=1
  skip 'simulated time' 'use_sim_time cannot be read'
fi

check 'the camera goes off' 'success=True' ros2 service call "$node/enable" std_srvs/srv/SetBool '{data: false}'
check 'and on' 'success=True' ros2 service call "$node/enable" std_srvs/srv/SetBool '{data: true}'
check 'it reads again' 'success=True' ros2 service call "$node/reload" std_srvs/srv/Trigger

check 'it is a managed node' "^$node\$" ros2 lifecycle nodes
check 'it reports its state' 'active \[3\]' ros2 lifecycle get "$node"
check 'it is deactivated' 'Transitioning successful' ros2 lifecycle set "$node" deactivate
check 'it lists its possible transitions' 'activate \[3\]' ros2 lifecycle list "$node"
check 'it is cleaned up' 'Transitioning successful' ros2 lifecycle set "$node" cleanup
check 'it is configured' 'Transitioning successful' ros2 lifecycle set "$node" configure
check 'it is activated' 'Transitioning successful' ros2 lifecycle set "$node" activate
check 'and gives results again' 'frame_id' ros2 topic echo --once "$node/detections"

check 'the action of a model swap is there' "$node/swap_model" ros2 action list
if [ "$list" = no ] && ! ros2 interface show goshawk_msgs/action/SwapModel >/dev/null 2>&1; then
  skip 'messages, services and the action of goshawk_msgs' 'build deploy/ros2/goshawk_msgs with colcon, and source it'
  exit $failed
fi
# shellcheck disable=SC2086
check 'a late subscriber gets the model' 'new_digest' ros2 topic echo --once $latched "$node/model_events"
check 'it reports what a result is based on' 'capture_to_publish_ms' ros2 topic echo --once "$node/info"
check 'a snapshot is taken' 'success=True' ros2 service call "$node/snapshot" goshawk_msgs/srv/Snapshot '{annotated: true}'
check 'a model that is not allowed is refused' 'success=False' ros2 service call "$node/set_model" goshawk_msgs/srv/SetModel '{name: no-such-model}'
check 'as a goal it is aborted, with the reason' 'status: ABORTED' ros2 action send_goal "$node/swap_model" goshawk_msgs/action/SwapModel '{name: no-such-model}'
if [ -n "$model" ]; then
  check 'a goal of the model that is named succeeds' 'status: SUCCEEDED' ros2 action send_goal --feedback "$node/swap_model" goshawk_msgs/action/SwapModel "{name: $model, version: '$version'}"
  check 'and results come' 'frame_id' ros2 topic echo --once "$node/detections"
else
  skip 'a goal of a model that is allowed' 'no model was named'
fi
exit $failed
