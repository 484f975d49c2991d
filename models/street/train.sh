#!/bin/sh
# Renders the pictures, trains, exports and measures: [STEPS=8400] [STEPS_AFTER=...] train.sh [WORK_FOLDER].
# About 45 minutes on one idle core with AVX512-BF16.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$here/../../build/street}
python=${PYTHON:-/usr/bin/python3}
export OMP_NUM_THREADS=1
mkdir -p "$work"
cd "$here/../.."
node --import tsx models/street/render.ts --count 300 --seed 900001 --per-scene 3 --out "$work/held-out"
for part in 0 1 2 3; do
  node --import tsx models/street/render.ts --count 1800 --seed $((1 + part * 300)) --out "$work/train$part"
done
cd "$here"
set -- --train "$work/train0" "$work/train1" "$work/train2" "$work/train3" --held-out "$work/held-out" --bfloat16
"$python" train.py "$@" --steps "${STEPS:-8400}" --out "$work/first.onnx"
"$python" train.py "$@" --start "$work/first.pt" --steps "${STEPS_AFTER:-2800}" --rate 6e-4 --calm-from 0.5 --box 0.2 --out "$work/fixed.onnx"
(cd "$here/../.." && node --import tsx models/street/free-batch.ts "$work/fixed.onnx" "$work/street.onnx")
"$python" evaluate.py --data "$work/held-out" --model "$work/street.onnx"
