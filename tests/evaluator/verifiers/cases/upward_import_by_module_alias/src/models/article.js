const services = require('@svc/articles');

class Article {}

module.exports = { Article, services };
