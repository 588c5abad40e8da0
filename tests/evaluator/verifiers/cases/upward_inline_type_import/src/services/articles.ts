import { all } from '../repositories/articles';

export default class Articles {}
export const list = () => all();
