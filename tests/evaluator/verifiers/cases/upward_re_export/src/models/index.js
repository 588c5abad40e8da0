export * from './article.js';
export { all } from '../services/articles.js';
