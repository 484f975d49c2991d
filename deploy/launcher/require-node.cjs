// Read by any Node, also one of 2013: no syntax and no function here that is newer than that.
'use strict';

/** Undefined, or what to tell somebody whose Node is too old for the rest of the program. */
function complaintAbout(version) {
  var parts = /^v?(\d+)\.(\d+)/.exec(version);
  var major = parts ? Number(parts[1]) : 0;
  var minor = parts ? Number(parts[2]) : 0;
  // 20.19 and 22.12 were the first to `require` an ES module, which packages of ours do.
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return undefined;
  return [
    'Goshawk needs Node 20.19, 22.12 or newer; this is ' + version + '.',
    'Debian and Ubuntu packages of Goshawk bring their own Node: apt install ./goshawk-agent_*.deb',
    'With npm at hand, this runs a newer Node from the npm registry: npx --yes node@24 ' +
      process.argv.slice(1).join(' '),
  ].join('\n');
}

exports.complaintAbout = complaintAbout;

/** Ends the process where this Node can't run the program. */
exports.requireNode = function requireNode() {
  var complaint = complaintAbout(process.version);
  if (complaint === undefined) return;
  process.stderr.write(complaint + '\n');
  process.exit(1);
};
