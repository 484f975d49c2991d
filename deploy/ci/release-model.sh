#!/bin/sh
# One new version, from a bundle (or an ONNX file) to the fleet. Every gate on the way ends it with a status that is not 0.
#
#   release-model.sh <bundle> <rollout> <policy.yaml>
#
#   HELDOUT            folder with images/ and labels/ (YOLO form) that no training saw; MIN_MAP: what is asked for on it
#   MODEL              the ONNX file, where <bundle> is to be made first; OPTIMIZE: options of `goshawk model optimize`,
#                      parted by spaces
#   SIGN_REPOSITORY    what the owner signs, where devices run only what is signed; SIGN_KEY, SIGN_PASSPHRASE_FILE
#   GOSHAWK_URL, GOSHAWK_TOKEN   the controller, and a token of an operator
#   WAIT               how long the rollout may take (default 24h)
#
# Status: 0 rolled out; 1 a gate said no, or a person has to decide; others as `goshawk` gives them (docs/cli.md).
set -eu
bundle=${1:?bundle} rollout=${2:?name of the rollout} policy=${3:?file of the policy}
: "${HELDOUT:?folder with images/ and labels/}" "${MIN_MAP:?mAP from 0 to 1}"
step() { echo "== $*"; }

if [ -n "${MODEL:-}" ]; then
  step "optimize $MODEL"
  # shellcheck disable=SC2086 # options, parted by spaces
  goshawk model optimize "$MODEL" ${OPTIMIZE:-} --out "$bundle"
fi
step "golden set of $bundle"
goshawk model check "$bundle"
step "held-out pictures: mAP of at least $MIN_MAP"
goshawk model evaluate "$bundle" --images "$HELDOUT/images" --labels "$HELDOUT/labels" --min-map "$MIN_MAP"
if [ -n "${SIGN_REPOSITORY:-}" ]; then
  step 'sign'
  goshawk model sign "$bundle" --repository "$SIGN_REPOSITORY" ${SIGN_KEY:+--key "$SIGN_KEY"} \
    ${SIGN_PASSPHRASE_FILE:+--passphrase-file "$SIGN_PASSPHRASE_FILE"}
  goshawk keys publish "$SIGN_REPOSITORY"
fi
step 'push'
goshawk model push "$bundle"
step "rollout $rollout"
goshawk rollout create "$rollout" -f "$policy" --dry-run
goshawk rollout create "$rollout" -f "$policy"
goshawk rollout wait "$rollout" --timeout "${WAIT:-24h}"
