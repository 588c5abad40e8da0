exports.list = require('../services').list;
