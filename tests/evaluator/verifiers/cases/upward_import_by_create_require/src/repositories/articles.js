import { createRequire } from 'node:module';
import { Article } from '../models/article.js';

const load = createRequire(import.meta.url);
const { listArticles } = load('../services/articles.js');

export const all = () => [new Article({ slug: listArticles })];
