import { type list } from '../services/articles';

export type Article = ReturnType<typeof list>;
