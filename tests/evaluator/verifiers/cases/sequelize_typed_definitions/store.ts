import { Article, Tag } from './models';

export const all = () => Promise.all([Article.findAll<Article>(), Tag.count()]);
