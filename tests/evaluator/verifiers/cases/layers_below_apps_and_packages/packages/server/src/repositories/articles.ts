import { Article } from '../models/article';

export const all = () => [new Article()];
