import { Article } from '../domainModels/article.js';

export const all = () => [new Article()];
