#!/usr/bin/env node
// The command `goshawk` of an npm installation. What an old Node can't parse is behind this file.
'use strict';
require('./require-node.cjs').requireNode();
require('./modules.cjs').load('../../dist/src/cli/main.js');
