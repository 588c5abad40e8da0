const jwt = require('jsonwebtoken');
const config = require('./config');

exports.sign = (id) => jwt.sign({ id }, config.jwt.secret, { expiresIn: config.jwt.expiresIn });
exports.who = (token) => jwt.verify(token, config.jwt.secret).id;
