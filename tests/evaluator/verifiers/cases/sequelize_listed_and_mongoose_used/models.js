const mongoose = require('mongoose');

module.exports = mongoose.model('Article', new mongoose.Schema({ slug: String }));
