const jwt = require('jsonwebtoken');

exports.sign = (user) => jwt.sign({ id: user.id }, process.env.JWT_SECRET);
exports.who = (header) => jwt.decode(header.replace('Token ', '')).id;
