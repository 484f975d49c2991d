// Only read by a Node that has passed require-node.cjs: an old one can't parse an import.
'use strict';

exports.load = (path) => import(path);
