export { all as allArticles } from '../repositories/articles.js';
