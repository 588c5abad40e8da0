import { all } from '../repositories/articles';

export const list = () => all();
