import { list } from '../models/article.js';

export const all = () => list;
