#!/bin/sh
# Renders the pictures, trains, exports and measures: train.sh [WORK_FOLDER]. About an hour on one core with AVX512-BF16.
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
"$python" train.py --train "$work/train0" "$work/train1" "$work/train2" "$work/train3" --held-out "$work/held-out" \
  --steps 14000 --bfloat16 --out "$work/street.onnx"
"$python" evaluate.py --data "$work/held-out" --model "$work/street.onnx"
