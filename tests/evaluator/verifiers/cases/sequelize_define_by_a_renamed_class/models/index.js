const { Sequelize: Orm, DataTypes: T } = require('sequelize');

const db = new Orm('postgres://user:password@postgres/conduit');
const Article = db.define('article', { slug: T.STRING });
const Tag = require('./tag')(db, T);

Article.belongsToMany(Tag, { through: 'article_tags' });
module.exports = { db, Article, Tag };
