// `npm start`, `npm test` and `npm run package` in a checkout: node deploy/launcher/checkout.cjs start.mjs [arguments]
'use strict';
require('./require-node.cjs').requireNode();
var script = process.argv[2];
process.argv.splice(1, 2, script);
require('./modules.cjs').load('../' + script);
