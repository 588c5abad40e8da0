import { Article } from '../models/article.js';

const rows = new Map();

export function all() {
  return [...rows.values()].map((row) => new Article(row));
}
