import { Model } from 'sequelize';

export class Article extends Model {}
Article.init({}, {});
