#!/bin/sh
# The whole chain on the street model: train a wide base, prune, recover, quantize, compare. chain.sh [WORK_FOLDER]
# About four hours of training on one core with AVX512-BF16 (an estimate: from end to end only the short form was run), and 5 GB of memory.
# PICTURES, HELD_OUT, BASE_STEPS, RECOVER_STEPS and PRUNE change the plan; seeds are fixed. Beside it: the base in INT8 alone, and a net of the pruned size that trained for as many steps.
# In minutes: PICTURES=1200 HELD_OUT=100 BASE_STEPS=240 RECOVER_STEPS=600 chain.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$here/../../build/street}
python=${PYTHON:-/usr/bin/python3}
export OMP_NUM_THREADS=1
mkdir -p "$work"
work=$(cd "$work" && pwd)
cd "$here/../.."
render() { node --import tsx models/street/render.ts "$@"; }
goshawk() { node --import tsx src/cli/main.ts "$@"; }
# Each set appears whole or not at all, so that a run that was stopped goes on.
set_of() {
  [ -e "$work/$1" ] && return
  rm -rf "$work/$1.part"
  name=$1 how=$2
  shift 2
  render "$@" "$how" "$work/$name.part"
  mv "$work/$name.part" "$work/$name"
}
pictures=${PICTURES:-18000} held_out=${HELD_OUT:-300} base_steps=${BASE_STEPS:-4237} recover_steps=${RECOVER_STEPS:-12000}
set_of held-out --out --count "$held_out" --seed 900001 --per-scene 3
for part in 0 1 2 3 4 5 6 7 8 9; do set_of "train$part" --out --count $((pictures / 10)) --seed $((1 + part * 300)); done
set_of calibration --yolo --count 96 --seed 500001 --per-scene 1 --jpeg 90
set_of evaluation --yolo --count "$held_out" --seed 900001 --per-scene 3 --jpeg 90

cd "$here"
train() {
  "$python" train.py --held-out "$work/held-out" --bfloat16 --teacher street.onnx --warm 200 --rate 1.2e-3 --box 0.15 --calm-from 0.85 "$@"
}
few="$work/train0 $work/train1 $work/train2 $work/train3"
# shellcheck disable=SC2086 # folders, parted by spaces
train --train $few --width 40 --steps "$base_steps" --out "$work/base.onnx"

cd "$here/../.."
sets="--decoder yolov5 --labels models/street/labels.txt --calibration $work/calibration --evaluation $work/evaluation"
# The pruned file is what counts here; the bundle of this step is not used (exit status 1: nothing keeps the budget).
# shellcheck disable=SC2086 # options, parted by spaces
goshawk model optimize "$work/base.onnx" $sets --prune "${PRUNE:-0.51}" --limit 96 --variants weights-int8 \
  --write-pruned "$work/pruned.onnx" --out "$work/pruned" || [ $? -eq 1 ]

"$python" models/recovery/recover.py --task models/street/labelled.py --train "$work"/train[0-9] --held-out "$work/held-out" --bfloat16 \
  --views 2 --features 0 --temperature 2 --teacher "$work/base.onnx" --pruned "$work/pruned.onnx" --steps "$recover_steps" \
  --rate 1.2e-3 --every 2500 --out "$work/recovered.onnx"

# shellcheck disable=SC2086
goshawk model optimize "$work/recovered.onnx" --base "$work/base.onnx" $sets --max-drop 1.0 --without-fp32 \
  --name street-lean --model-version 1.0.0 --licence Apache-2.0 --replace --out "$work/street-lean"
node --import tsx test/bench/chain.ts --base "$work/base.onnx" --bundle "$work/street-lean"

# What pruning has to beat. Their tables count: neither is a bundle to ship, and 1 says that it does not keep the budget.
# shellcheck disable=SC2086
goshawk model optimize "$work/base.onnx" $sets --max-drop 1.0 --variants qdq-u8 --replace --out "$work/wide-int8" || [ $? -eq 1 ]
(cd "$here" && train --train "$work"/train[0-9] --width 20 --steps $((base_steps + recover_steps)) --out "$work/small.onnx")
# shellcheck disable=SC2086
goshawk model optimize "$work/small.onnx" --base "$work/base.onnx" $sets --max-drop 1.0 --variants qdq-u8 --replace --out "$work/small" || [ $? -eq 1 ]
