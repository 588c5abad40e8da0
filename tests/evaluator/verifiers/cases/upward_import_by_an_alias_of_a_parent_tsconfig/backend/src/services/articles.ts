import { all } from '../repositories/articles.js';

export const list = () => all();
