export * from './storage.js';
export { listArticles } from '../services/articles.js';
