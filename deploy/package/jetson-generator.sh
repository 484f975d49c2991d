#!/bin/sh
# A systemd generator: on a Jetson, and nowhere else, it gives goshawk-agent.service what NVIDIA's camera service and devices
# ask for. A drop-in has no condition, and the installation may run in an image on a PC, so the board itself decides, at each start.
set -e
# The second folder is named by tests alone.
compatible=${GOSHAWK_DEVICE_TREE:-/proc/device-tree}/compatible
grep -q 'nvidia,tegra' "$compatible" 2>/dev/null || exit 0
mkdir -p "$1/goshawk-agent.service.d"
ln -sf @ROOT@/share/jetson.conf "$1/goshawk-agent.service.d/50-jetson.conf"
