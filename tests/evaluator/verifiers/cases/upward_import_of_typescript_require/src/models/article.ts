import services = require('../services/articles');

export class Article { rules = services; }
