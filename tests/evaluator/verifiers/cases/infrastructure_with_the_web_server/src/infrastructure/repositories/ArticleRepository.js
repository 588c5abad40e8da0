import { Article } from '../../domain/entities/Article.js';

export class ArticleRepository {
  all() {
    return [new Article()];
  }
}
