#!/bin/sh
# The way back: hard frames of devices as data sets (COCO, one tar for each device), then the command that labels and trains.
#
#   fetch-frames.sh <folder> <device>...
#
#   RETRAIN            run with the folder as its argument when there is at least one frame; absent: nothing is run
#   GOSHAWK_URL, GOSHAWK_TOKEN   the controller, and a token of an operator
set -eu
folder=${1:?folder}
shift
mkdir -p "$folder"
for device in "$@"; do
  mkdir -p "$folder/$device"
  goshawk frame export "$device" --out "$folder/$device.tar"
  tar -xf "$folder/$device.tar" -C "$folder/$device"
done
if [ -n "${RETRAIN:-}" ] && [ -n "$(find "$folder" -name '*.jpg' -print -quit)" ]; then
  $RETRAIN "$folder"
fi
