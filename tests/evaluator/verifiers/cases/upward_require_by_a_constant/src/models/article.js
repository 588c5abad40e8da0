const path = require('path');

const SERVICES = '../services';
const one = require(SERVICES + '/articles');
const two = require(path.join(__dirname, '..', 'routes', 'articles'));

class Article {}

module.exports = { Article, one, two };
