import { all } from '../repositories/articles.ts';

export const list = () => all();
