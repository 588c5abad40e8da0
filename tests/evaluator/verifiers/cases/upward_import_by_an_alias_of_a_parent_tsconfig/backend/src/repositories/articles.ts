import { list } from '@services/articles';
import { Article } from '@models/article';

export const all = () => [new Article(), list];
