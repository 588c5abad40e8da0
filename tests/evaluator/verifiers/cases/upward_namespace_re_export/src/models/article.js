export * as rules from '../services/articles.js';

export class Article {}
