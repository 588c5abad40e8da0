import { rows } from '../repositories/articles.js';

export const all = () => rows();
