import { list } from '../UseCases/listArticles.js';
import { Article } from '../entities/article.js';

export const all = () => [new Article(), list];
