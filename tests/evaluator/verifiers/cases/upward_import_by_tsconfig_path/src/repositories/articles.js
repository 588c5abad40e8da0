import { Article } from '../models/article.js';

export const rows = () => [new Article()];
