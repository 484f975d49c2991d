#!/bin/sh
# What tuf-conformance calls: docs/trust.md says how.
here=$(dirname "$(readlink -f "$0")")
cd "$here/../../.." && exec node --import tsx test/conformance/tuf/client.ts "$@"
