// npm runs this before the install scripts of the packages that it has brought. onnxruntime-node's fetches 200 MB of CUDA
// libraries from another place than the registry, which Goshawk does not use, and ends the whole installation where only
// a registry is reached; .npmrc, which says so in a checkout, is not read from an installed package.
'use strict';
var fs = require('fs');
var path = require('path');

var own = path.join(__dirname, '..', '..');
// In node_modules of ours, or beside us in that of another project. A checkout has no `..` that is called so.
[path.join(own, 'node_modules'), path.basename(path.dirname(own)) === 'node_modules' ? path.dirname(own) : '']
  .filter(Boolean)
  .forEach(function (folder) {
    var script = path.join(folder, 'onnxruntime-node', 'script', 'install.js');
    if (fs.existsSync(script))
      fs.writeFileSync(script, '// Left out: see deploy/launcher/preinstall.cjs of goshawk.\n');
  });
