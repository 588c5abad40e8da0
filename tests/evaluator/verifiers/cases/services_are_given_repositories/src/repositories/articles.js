import { Article } from '../models/article.js';

export class ArticleRepository {
  findAll() {
    return [new Article({ slug: 'a' })];
  }
}
