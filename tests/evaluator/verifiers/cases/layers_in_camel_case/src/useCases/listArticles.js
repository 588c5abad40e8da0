import { all } from '../dataAccess/articles.js';

export const list = () => all();
