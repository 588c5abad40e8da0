import { all } from '../repositories/articles.js';

export function listArticles() {
  return all().map((article) => article.toJSON());
}
